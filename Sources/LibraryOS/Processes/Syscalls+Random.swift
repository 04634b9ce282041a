/// getrandom(2).
extension Syscalls {
    private static let chunk = 65536

    @Sendable static func getrandom(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        // GRND_NONBLOCK, GRND_RANDOM, GRND_INSECURE; the last two exclude each other.
        if call.uint(2) & ~7 != 0 || call.uint(2) & 6 == 6 { throw .EINVAL }
        let wanted = call.length(1).clamped(to: GuestLength.maximumTransfer)
        if call.inPlace && wanted > 256 { return .leave }
        var done = 0
        var bytes = [UInt8](repeating: 0, count: min(wanted, chunk))
        while done < wanted {
            let count = min(chunk, wanted - done)
            bytes.withUnsafeMutableBytes { buffer in
                task.kernel.host.random(UnsafeMutableRawBufferPointer(rebasing: buffer[..<count]))
            }
            do throws(Errno) {
                let address = try call.address(0).advanced(by: UInt64(done))
                try task.memory.writeBytes(count == bytes.count ? bytes : Array(bytes[..<count]), to: address)
            } catch {
                if done == 0 { throw error }
                return .count(done)
            }
            done += count
            // Gigabytes take seconds: a signal ends the call with what there is.
            if task.hasPendingWork { break }
        }
        return .count(done)
    }
}
