import ArgumentParser
import SecureWorld

/// What makes up the device that applications run on.
struct DeviceOptions: ParsableArguments {
    @OptionGroup var place: FolderOptions
    @OptionGroup var keys: KeyOptions

    @Option(name: .customLong("applications"), help: ArgumentHelp("A folder with UUID.ta files.", valueName: "DIR"))
    var applications: [String] = []

    @Flag(help: "Accept plain ELF files, which nobody has signed.")
    var unsigned = false

    @Option(help: ArgumentHelp("End an application whose command takes longer: TEE_ERROR_TARGET_DEAD.", valueName: "SECONDS"))
    var timeout: Double?

    @Option(help: ArgumentHelp("The most that the trusted storage may take of the disk: 512m, 4g. 1g unless given.", valueName: "SIZE"))
    var storageLimit: String?

    @Option(help: ArgumentHelp("A loader that loads applications inside of the virtual machine (OP-TEE's ldelf, an ELF file).", valueName: "FILE"))
    var ldelf: String?

    @Flag(help: "Print the applications' TEE calls to standard error.")
    var trace = false

    /// The same as plain values.
    var settings: DeviceSettings {
        DeviceSettings(
            device: place.device, applications: applications, key: keys.key, unsigned: unsigned, timeout: timeout, storageLimit: storageLimit, trace: trace,
            classKey: keys.classKey, loader: ldelf)
    }

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
