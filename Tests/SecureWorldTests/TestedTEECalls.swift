import Foundation
import LibraryOS
import Monitor
import Synchronization

@testable import SecureWorld

/// The system calls that applications of tests make, with their results, one of each a line in the file that SKERRY_TESTED_TEE_CALLS names: input of
/// scripts/check-tee-coverage. Everything else goes to the log of the test.
final class TestedTEECalls: TEELog, @unchecked Sendable {
    private static let seen = Mutex<Set<String>>([])
    private static let file: Int32 =
        ProcessInfo.processInfo.environment["SKERRY_TESTED_TEE_CALLS"].map { open($0, O_WRONLY | O_CREAT | O_APPEND, 0o644) } ?? -1
    private let log: TEELog

    init(_ log: TEELog) {
        self.log = log
        super.init()
    }

    override var wantsCalls: Bool { Self.file >= 0 || log.wantsCalls }
    override func printed(application: TEEUUID, _ bytes: [UInt8]) { log.printed(application: application, bytes) }
    override func refused(application: TEEUUID, _ reason: String) { log.refused(application: application, reason) }
    override func panicked(application: TEEUUID, _ reason: TAPanicReason) { log.panicked(application: application, reason) }
    override func failed(_ error: MonitorError) { log.failed(error) }
    override func remarked(application: TEEUUID, _ text: String) { log.remarked(application: application, text) }
    override var wantsTrace: Bool { log.wantsTrace }
    override func traced(application: TEEUUID, session: UInt32, _ line: String) { log.traced(application: application, session: session, line) }
    override func faulted(application: TEEUUID, _ point: FaultPlan.Point, call: String) { log.faulted(application: application, point, call: call) }
    override var wantsProfiles: Bool { log.wantsProfiles }
    override func profiled(application: TEEUUID, _ profile: [UInt8]) { log.profiled(application: application, profile) }
    override func unprofiled(application: TEEUUID, _ reason: String) { log.unprofiled(application: application, reason) }

    override func called(application: TEEUUID, name: String, arguments: [UInt64], result: TEEResult?) {
        if log.wantsCalls { log.called(application: application, name: name, arguments: arguments, result: result) }
        let line = "\(name) \(result?.description ?? "PANIC")\n"
        guard Self.file >= 0, Self.seen.withLock({ $0.insert(line).inserted }) else { return }
        let bytes = Array(line.utf8)
        _ = bytes.withUnsafeBytes { write(Self.file, $0.baseAddress, $0.count) }
    }
}
