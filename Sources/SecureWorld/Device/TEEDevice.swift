public import LibraryOS
internal import Synchronization

/// /dev/tee0: the Linux TEE ioctl ABI (include/uapi/linux/tee.h) in front of a `TEEService`, for unmodified client libraries in the sandbox.
///
/// As with Linux's OP-TEE driver, a command is not ended by signals: they are seen after it, and a client that wants to give up cancels (TEE_IOC_CANCEL).
/// Unlike there, a client that is killed ends at once. Its command is cancelled and ends on its own; a session that it was about to get is closed again.
public final class TEEDevice: PluggedDevice, @unchecked Sendable {
    /// Linux gives the TEE subsystem a number of its choice; 16 devices for clients come first, then those for supplicants.
    static let majorNumber: UInt32 = 244

    let service: TEEService
    let memories = SharedMemoryTable()
    let closings = SessionClosings()

    /// A device whose commands go to this service.
    public init(service: TEEService) {
        self.service = service
        super.init(name: "tee0", major: Self.majorNumber, minor: 0, permissions: 0o666)
    }

    /// The devices of a TEE for `DevFS.make`: /dev/tee0 and /dev/teepriv0.
    public static func devices(for service: TEEService) -> [PluggedDevice] { [TEEDevice(service: service), SupplicantDevice(service.supplicant)] }

    /// A client's context (TEE Client API 1.0, 4.3.2).
    public override func open(by caller: PluggedCaller, flags: OpenFlags) throws(Errno) -> PluggedFile { TEEClientFile(self) }

    /// Closes a session; `completion` from any thread.
    func close(_ session: UInt32, completion: @escaping @Sendable () -> Void) {
        service.submit(TEERequest(.close(session: session)), completion: completion)
    }

    /// Closes a session that nobody waits for the end of: who opens one with that application next waits instead, as he would have to wait for Linux to
    /// end the last process. An application for one session at a time would be busy otherwise.
    func closeUnattended(_ session: UInt32, of application: TEEUUID) {
        closings.begin(application)
        close(session) { [closings] in closings.end(application) }
    }
}

/// The sessions that are being closed although nobody waits for that, by application.
final class SessionClosings: Sendable {
    private let counts = Mutex<[TEEUUID: Int]>([:])
    /// Woken at the end of each.
    let queue = WaitQueue()

    func isClosing(_ application: TEEUUID) -> Bool { counts.withLock { $0[application] != nil } }
    func begin(_ application: TEEUUID) { counts.withLock { $0[application, default: 0] += 1 } }
    func end(_ application: TEEUUID) {
        counts.withLock { counts in
            let left = (counts[application] ?? 1) - 1
            counts[application] = left > 0 ? left : nil
        }
        queue.wakeAll()
    }
}
