import ArgumentParser
import SkerryRun

/// `--tee` of `skerry run`, and what goes with it.
struct SecureWorldArguments: ParsableArguments {
    @Option(
        name: .customLong("tee"), help: ArgumentHelp("Give the program /dev/tee0, with the trusted applications (UUID.ta) of a folder behind it.", valueName: "DIR"))
    var applications: [String] = []

    @Option(
        name: .customLong("tee-device"),
        help: ArgumentHelp("The TEE's folder: keys, trusted storage, versions; that of `skerry tee` unless given.", valueName: "DIR"))
    var device: String?

    @Option(
        name: .customLong("tee-key"),
        help: ArgumentHelp("The public key that the applications are signed with (PEM), instead of the TEE's development key.", valueName: "FILE"))
    var key: String?

    @Flag(name: .customLong("tee-unsigned"), help: "Accept plain ELF files, which nobody has signed.")
    var unsigned = false

    @Flag(name: .customLong("tee-network"), help: "Let trusted applications open TCP and UDP sockets of the host.")
    var network = false

    @Option(
        name: .customLong("tee-timeout"), help: ArgumentHelp("End a trusted application whose command takes longer: TEE_ERROR_TARGET_DEAD.", valueName: "SECONDS"))
    var timeout: Double?

    @Option(
        name: .customLong("tee-storage-limit"),
        help: ArgumentHelp("The most that the trusted storage may take of the disk: 512m, 4g. 1g unless given.", valueName: "SIZE"))
    var storageLimit: String?

    @Flag(name: .customLong("tee-trace"), help: "Print the trusted applications' calls to standard error.")
    var trace = false

    mutating func validate() throws {
        if options.isWanted, applications.isEmpty { throw ValidationError("--tee-... options go with --tee DIR") }
        if let timeout, !(timeout > 0 && timeout < 1e9) { throw ValidationError("--tee-timeout \(timeout): a number of seconds above zero") }
    }

    var options: SecureWorldOptions {
        var result = SecureWorldOptions()
        result.applications = applications
        result.device = device
        result.key = key
        result.unsigned = unsigned
        result.network = network
        result.timeout = timeout
        result.storageLimit = storageLimit
        result.trace = trace
        return result
    }
}
