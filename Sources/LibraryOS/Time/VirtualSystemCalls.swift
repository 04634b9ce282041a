/// The vsyscall page of old programs: three calls at fixed addresses of the upper half, which nothing is mapped at. The fault of the instruction fetch is the call
/// (`emulate_vsyscall` of the kernel, as with vsyscall=xonly).
extension Task {
    private static let virtualPage: UInt64 = 0xffff_ffff_ff60_0000

    /// Serves an instruction fetch from that page: what the call changes is in the registers, or a signal is pending. False for other addresses.
    public func emulateVirtualCall(at address: UInt64) -> Bool {
        guard address & ~0xfff == Self.virtualPage else { return false }
        do throws(Errno) {
            let caller = try memory.readU64(GuestAddress(registers.rsp))
            // gettimeofday, time and getcpu, 1,024 bytes from each other.
            let numbers: [UInt64: UInt64] = [0: 96, 0x400: 201, 0x800: 309]
            guard let number = numbers[address & 0xfff] else { throw .EFAULT }
            var call = SyscallCall(number: number, registers.rdi, registers.rsi, 0, registers.r10, registers.r8, registers.r9)
            guard case .value(let value) = execute(&call) else { return true }
            if value == Errno.ERESTARTNOINTR.syscallResult { return true }
            if value == Errno.EFAULT.syscallResult { throw .EFAULT }
            registers.rax = UInt64(bitPattern: value)
            registers.rip = caller
            registers.rsp = registers.rsp &+ 8
        } catch {
            forceSignal(SignalInfo(Signal.SIGSEGV, code: SignalInfo.kernel))
        }
        return true
    }

    /// The program's code at an address has this byte; asked after an exception to tell which instruction it was.
    public func hasCode(_ byte: UInt8, at address: UInt64) -> Bool { code(at: address, count: 1) == [byte] }

    /// The number of the `int` instruction at an address, nil when there is another.
    public func softwareInterrupt(at address: UInt64) -> UInt8? {
        guard let bytes = code(at: address, count: 2), bytes.first == 0xcd else { return nil }
        return bytes.last
    }

    private func code(at address: UInt64, count: Int) -> [UInt8]? {
        do throws(Errno) { return try memory.readBytes(GuestAddress(address), count: count) } catch { return nil }
    }
}
