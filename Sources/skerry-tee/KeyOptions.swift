import ArgumentParser
import SecureWorld

/// Where the device is.
struct FolderOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The device's folder: its keys, trusted storage and versions. Made on first use.", valueName: "DIR"))
    var device: String?

    /// The folder, made if need be.
    func folder() throws -> DeviceFolder { try DeviceSettings(device: device).folder() }
}

/// What the device checks and decrypts applications with.
struct KeyOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The public key that applications are signed with (PEM), instead of the device's development key.", valueName: "FILE"))
    var key: String?

    @Option(help: ArgumentHelp("The class-wide key of encrypted applications: 32 bytes, or 64 hexadecimal digits.", valueName: "FILE"))
    var classKey: String?

    /// The keys; `signing` instead of the configured one.
    func keys(_ folder: DeviceFolder, signing: TASigningKey? = nil, acceptsUnsigned: Bool = false) throws -> TAKeys {
        try DeviceSettings(key: key, unsigned: acceptsUnsigned, classKey: classKey).keys(folder, signing: signing)
    }
}
