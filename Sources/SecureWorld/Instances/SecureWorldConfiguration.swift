/// What a secure world is made of.
public struct SecureWorldConfiguration: Sendable {
    /// Folders in which `UUID.ta` (or `UUID.elf`) files are looked for, in this order.
    public var applications: [String] = []
    /// Who may sign applications, and the keys that encrypt them.
    public var keys: TAKeys
    /// What all keys of this "device" are derived from.
    public var deviceKey: DeviceKey
    /// Applications whose files lie elsewhere.
    public var files: [TEEUUID: String] = [:]
    /// The ELF file of a loader that runs in the guest (OP-TEE's `ldelf`) and loads applications there; nil: the TEE loads them itself.
    public var loader: String?
    /// Trusted storage; nil: TEE_STORAGE_PRIVATE is not available, and persistent times last as long as the secure world.
    public var storage: TrustedStorage?
    /// The newest version of each application that was seen; nil: older ones are accepted.
    public var versions: TAVersionStore?
    /// The most memory all applications together may use, in bytes.
    public var memoryLimit: UInt64 = 512 << 20
    /// How long one command may take, in nanoseconds; nil: for ever. An instance that takes longer is ended: TARGET_DEAD.
    public var timeLimit: Int64?
    /// Whether applications may open TCP and UDP sockets of the host; otherwise opening one answers NOT_SUPPORTED.
    public var allowsNetwork = false
    /// Whether every command begins with the state that its instance had right after the last session was opened, in well under a millisecond for a typical
    /// application: for test cases that must not depend on each other. `TASnapshot` says what comes back and what does not; trusted storage does not.
    public var snapshotsAfterOpen = false
    /// Lets gdb debug an application; nil: nobody does. There is no time limit for the application it debugs.
    public var debugger: TADebugger?
    /// Who is told what applications do.
    public var log = TEELog()
    /// Failures that a test asks for; nil: none.
    public var faults: FaultPlan?
    /// The clocks.
    public var clock = TEEClock()
    /// What applications are told of the implementation's version.
    public var version = "0.1"
    /// gpd.tee.trustedStorage.antiRollback.protectionLevel.
    var antiRollbackLevel: UInt32 { storage?.antiRollbackProtectionLevel ?? 0 }

    /// A configuration with these keys and nothing else.
    public init(keys: TAKeys, deviceKey: DeviceKey) {
        self.keys = keys
        self.deviceKey = deviceKey
    }
}

/// Why the secure world itself cannot go on, in words that say what to do.
public struct SecureWorldError: Error, CustomStringConvertible, Sendable {
    /// The sentence.
    public let description: String
    init(_ description: String) { self.description = description }
}
