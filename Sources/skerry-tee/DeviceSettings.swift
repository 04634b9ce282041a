import SecureWorld
import SkerryRun

internal import Glibc

/// What makes up the device that applications run on, as plain values.
struct DeviceSettings {
    var device: String?
    var applications: [String] = []
    var key: String?
    var unsigned = false
    var timeout: Double?
    var storageLimit: String?
    var trace = false
    var network = false
    var quiet = false
    var classKey: String?
    var traceFile: String?
    var profileFile: String?
    var faults: [FaultPlan.Point] = []
    var loader: String?

    /// The folder, made if need be.
    func folder() throws -> DeviceFolder { try DeviceFolder(device ?? Self.standardFolder) }

    /// $XDG_DATA_HOME/skerry/tee.
    private static var standardFolder: String {
        if let data = getenv("XDG_DATA_HOME").map({ String(cString: $0) }), data.hasPrefix("/") { return data + "/skerry/tee" }
        return (getenv("HOME").map { String(cString: $0) } ?? "/root") + "/.local/share/skerry/tee"
    }

    /// What applications are signed and encrypted with; `signing` instead of the configured key.
    func keys(_ folder: DeviceFolder, signing: TASigningKey? = nil) throws -> TAKeys {
        let configured = try signing ?? key.map { try TASigningKey(pem: try HostFile.read($0)) } ?? folder.signingKey()
        return TAKeys(
            signingKey: configured, deviceKey: folder.deviceKey.secret, classKey: try classKey.map { try KeyFile.symmetric($0) }, acceptsUnsigned: unsigned)
    }

    /// The trusted storage.
    private func storage(_ folder: DeviceFolder) throws -> TrustedStorage {
        try folder.storage(capacity: try storageLimit.map { try SecureWorldOptions.storageLimit($0, option: "--storage-limit") } ?? TrustedStorage.defaultCapacity)
    }

    /// A secure world with these applications.
    func world(_ files: [TEEUUID: String] = [:], _ adjust: (inout SecureWorldConfiguration) throws -> Void = { _ in }) throws -> SecureWorld {
        let folder = try folder()
        var configuration = SecureWorldConfiguration(keys: try keys(folder), deviceKey: folder.deviceKey)
        configuration.applications = applications
        configuration.files = files
        configuration.storage = try storage(folder)
        configuration.versions = try folder.versions()
        configuration.timeLimit = timeout.map { Int64($0 * 1e9) }
        configuration.loader = loader
        configuration.allowsNetwork = network
        configuration.log = try ConsoleLog(traces: trace, isQuiet: quiet, traceFile: traceFile, profileFile: profileFile)
        configuration.faults = faults.isEmpty ? nil : FaultPlan(faults)
        try adjust(&configuration)
        return try SecureWorld(configuration)
    }
}
