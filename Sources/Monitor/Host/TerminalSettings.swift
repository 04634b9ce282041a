import Glibc
import LibraryOS
import Synchronization

/// The terminal ioctls programs may use on inherited terminals, and the settings to put back at the end.
///
/// An allow list: TIOCSTI and TIOCLINUX would type into the user's shell, TIOCSCTTY would steal the terminal. Sessions and process groups are the sandbox's
/// own: TIOCGPGRP and its kin never get here.
final class TerminalSettings: Sendable {
    private enum Argument {
        /// A structure of this many bytes that the kernel reads or fills.
        case structure(Int)
        /// A plain number.
        case value
    }

    private static let allowed: [UInt32: Argument] = [
        0x5401: .structure(36),  // TCGETS
        0x5402: .structure(36), 0x5403: .structure(36), 0x5404: .structure(36),  // TCSETS, TCSETSW, TCSETSF
        0x802C_542A: .structure(44),  // TCGETS2
        0x402C_542B: .structure(44), 0x402C_542C: .structure(44), 0x402C_542D: .structure(44),  // TCSETS2, TCSETSW2, TCSETSF2
        0x5409: .value, 0x540A: .value, 0x540B: .value,  // TCSBRK, TCXONC, TCFLSH
        0x5411: .structure(4),  // TIOCOUTQ
        0x5413: .structure(8), 0x5414: .structure(8),  // TIOCGWINSZ, TIOCSWINSZ
        0x541B: .structure(4),  // FIONREAD
    ]
    private static let getSettings: UInt32 = 0x5401
    private static let setSettings: ClosedRange<UInt32> = 0x5402...0x5404
    private static let setSpeeds: ClosedRange<UInt32> = 0x402C_542B...0x402C_542D

    /// By descriptor: what TCGETS said before the first change.
    private let original = Mutex<[Int32: [UInt8]]>([:])

    func control(_ file: HostFile, request: UInt32, argument: inout [UInt8]) throws(Errno) {
        guard let form = Self.allowed[request] else { throw .ENOTTY }
        switch form {
        case .value:
            try HostSystemCalls.control(file.descriptor, request, value: UInt(ByteReader(argument).u32(0)))
        case .structure(let size):
            if argument.count < size { argument += [UInt8](repeating: 0, count: size - argument.count) }
            if Self.setSettings.contains(request) || Self.setSpeeds.contains(request) { remember(file.descriptor) }
            try Self.control(file.descriptor, request, &argument)
        }
    }

    private static func control(_ descriptor: Int32, _ request: UInt32, _ argument: inout [UInt8]) throws(Errno) {
        var failure: Errno?
        argument.withUnsafeMutableBytes { bytes in
            guard let start = bytes.baseAddress else { return }
            do throws(Errno) { try HostSystemCalls.control(descriptor, request, start) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    private func remember(_ descriptor: Int32) {
        original.withLock { known in
            if known[descriptor] != nil { return }
            var settings = [UInt8](repeating: 0, count: 36)
            if (try? Self.control(descriptor, Self.getSettings, &settings)) != nil { known[descriptor] = settings }
        }
    }

    /// Puts every changed terminal back.
    func restore() {
        let changed = original.withLock { known in
            defer { known = [:] }
            return known
        }
        for (descriptor, var settings) in changed { try? Self.control(descriptor, Self.setSettings.lowerBound, &settings) }
    }
}
