import ArgumentParser
import SecureWorld

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

    @Option(help: ArgumentHelp("The class-wide key of encrypted applications: 32 bytes, or 64 hexadecimal digits.", valueName: "FILE"))
    var classKey: String?
    @Option(help: ArgumentHelp("A loader that loads applications inside of the virtual machine (OP-TEE's ldelf, an ELF file).", valueName: "FILE"))
    var ldelf: String?

    @Flag(help: "Print the applications' TEE calls to standard error.")
    var trace = false

    /// The same as plain values.
    var settings: DeviceSettings {
        DeviceSettings(
            device: device, applications: applications, key: key, unsigned: unsigned, timeout: timeout, trace: trace, classKey: classKey, loader: ldelf)
    }

    /// The folder, made if need be.
    func folder() throws -> DeviceFolder { try settings.folder() }
    /// A secure world with these applications.
    func world(
        _ files: [TEEUUID: String] = [:], network: Bool = false, _ observation: ObservationOptions? = nil,
        _ adjust: (inout SecureWorldConfiguration) throws -> Void = { _ in }
    ) throws -> SecureWorld {
        var settings = settings
        settings.network = network
        settings.traceFile = observation?.traceFile
        settings.profileFile = observation?.coverage
        settings.faults = observation?.faults ?? []
        return try settings.world(files, adjust)
    }
}
