import ArgumentParser
import SecureWorld
import SkerryRun

internal import Glibc

/// What makes up the device that applications run on.
struct DeviceOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The device's folder: its keys, trusted storage and versions. Made on first use.", valueName: "DIR"))
    var device: String?

    @Option(name: .customLong("applications"), help: ArgumentHelp("A folder with UUID.ta files.", valueName: "DIR"))
    var applications: [String] = []

    @Option(help: ArgumentHelp("The public key that applications are signed with (PEM), instead of the device's development key.", valueName: "FILE"))
    var key: String?

    @Flag(help: "Accept plain ELF files, which nobody has signed.")
    var unsigned = false

    @Option(help: ArgumentHelp("End an application whose command takes longer: TEE_ERROR_TARGET_DEAD.", valueName: "SECONDS"))
    var timeout: Double?

    @Flag(help: "Print the applications' TEE calls to standard error.")
    var trace = false

    /// The folder, made if need be.
    func folder() throws -> DeviceFolder { try DeviceFolder(device ?? Self.standardFolder) }

    /// $XDG_DATA_HOME/skerry/tee.
    static var standardFolder: String {
        if let data = getenv("XDG_DATA_HOME").map({ String(cString: $0) }), data.hasPrefix("/") { return data + "/skerry/tee" }
        return (getenv("HOME").map { String(cString: $0) } ?? "/root") + "/.local/share/skerry/tee"
    }

    /// A secure world with these applications.
    func world(_ files: [TEEUUID: String] = [:], network: Bool = false) throws -> SecureWorld {
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
        return try SecureWorld(configuration)
    }
}
