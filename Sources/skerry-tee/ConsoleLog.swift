import LibraryOS
import Monitor
import SecureWorld

internal import Glibc

/// Tells the person at the terminal what applications do, on standard error.
final class ConsoleLog: TEELog, @unchecked Sendable {
    private let traces: Bool

    init(traces: Bool) {
        self.traces = traces
        super.init()
    }

    override var wantsCalls: Bool { traces }

    private func write(_ text: String) {
        let bytes = Array(text.utf8)
        bytes.withUnsafeBytes { _ = Glibc.write(2, $0.baseAddress, $0.count) }
    }

    override func printed(application: TEEUUID, _ bytes: [UInt8]) { bytes.withUnsafeBytes { _ = Glibc.write(2, $0.baseAddress, $0.count) } }

    override func refused(application: TEEUUID, _ reason: String) { write("skerry: \(application) was not loaded: \(reason)\n") }

    override func remarked(application: TEEUUID, _ text: String) { write("skerry: \(application) \(text)\n") }

    override func failed(_ error: MonitorError) { write("skerry: \(error.description)\n") }

    override func panicked(application: TEEUUID, _ reason: TAPanicReason) {
        let words: String
        switch reason {
        case .call(let code): words = "it called TEE_Panic(0x\(String(code, radix: 16)))"
        case .exception(let vector, _, let address, let registers):
            let place = vector == 14 ? " at address 0x\(String(address, radix: 16))" : ""
            words = "exception \(vector)\(place), instruction 0x\(String(registers.rip, radix: 16))"
        case .ended: words = "its time was over"
        case .outOfMemory: words = "the memory limit leaves it no more memory"
        case .stopped(let what): words = "its processor stopped (\(what))"
        }
        write("skerry: \(application) panicked: \(words)\n")
    }

    override func called(application: TEEUUID, name: String, arguments: [UInt64], result: TEEResult?) {
        let list = arguments.map { $0 < 10 ? "\($0)" : "0x" + String($0, radix: 16) }.joined(separator: ", ")
        write("[\(application.description.prefix(8))] \(name)(\(list)) = \(result?.description ?? "?")\n")
    }
}
