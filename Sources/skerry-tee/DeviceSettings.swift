import SecureWorld

internal import Glibc

/// What makes up the device that applications run on, as plain values.
struct DeviceSettings {
    var device: String?
    var applications: [String] = []
    var key: String?
    var unsigned = false
    var timeout: Double?
    var trace = false
    var network = false

    /// The folder, made if need be.
    func folder() throws -> DeviceFolder { try DeviceFolder(device ?? Self.standardFolder) }

    /// $XDG_DATA_HOME/skerry/tee.
    private static var standardFolder: String {
        if let data = getenv("XDG_DATA_HOME").map({ String(cString: $0) }), data.hasPrefix("/") { return data + "/skerry/tee" }
        return (getenv("HOME").map { String(cString: $0) } ?? "/root") + "/.local/share/skerry/tee"
    }

    /// A secure world with these applications.
    func world(_ files: [TEEUUID: String] = [:], _ adjust: (inout SecureWorldConfiguration) throws -> Void = { _ in }) throws -> SecureWorld {
        let folder = try folder()
        let signing = try key.map { try TASigningKey(pem: try HostFile.read($0)) } ?? folder.signingKey()
        var configuration = SecureWorldConfiguration(
            keys: TAKeys(signingKey: signing, deviceKey: folder.deviceKey.secret, acceptsUnsigned: unsigned), deviceKey: folder.deviceKey)
        configuration.applications = applications
        configuration.files = files
        configuration.storage = try folder.storage()
        configuration.versions = try folder.versions()
        configuration.timeLimit = timeout.map { Int64($0 * 1e9) }
        configuration.allowsNetwork = network
        configuration.log = ConsoleLog(traces: trace)
        try adjust(&configuration)
        return try SecureWorld(configuration)
    }
}
