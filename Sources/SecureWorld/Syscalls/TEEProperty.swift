/// A property of TEE Internal Core API 4.4 that the TEE itself answers; the application's own are in its runtime library.
struct TEEProperty: Sendable {
    /// The value with its type; the numbers are those of OP-TEE's enum user_ta_prop_type.
    enum Value: Sendable {
        case boolean(Bool)
        case number(UInt32)
        case uuid(TEEUUID)
        case identity(TEEClientIdentity)
        case string(String)
        case block([UInt8])
        case longNumber(UInt64)
    }
    let name: String
    let value: Value

    init(_ name: String, _ value: Value) {
        self.name = name
        self.value = value
    }

    /// enum user_ta_prop_type.
    var type: UInt32 {
        switch value {
        case .boolean: 0
        case .number: 1
        case .uuid: 2
        case .identity: 3
        case .string: 4
        case .block: 5
        case .longNumber: 6
        }
    }

    /// The bytes the application gets; strings with their end.
    var bytes: [UInt8] {
        switch value {
        case .boolean(let value): Self.word(value ? 1 : 0)
        case .number(let value): Self.word(value)
        case .uuid(let value): value.structure
        case .identity(let value): Self.word(value.login) + value.uuid.structure
        case .string(let text): Array(text.utf8) + [0]
        case .block(let bytes): bytes
        case .longNumber(let value): (0..<8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
        }
    }

    private static func word(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) } }
}

/// TEE_PROPSET_*.
enum TEEPropertySet: UInt32 {
    case currentApplication = 0xffff_ffff
    case currentClient = 0xffff_fffe
    case implementation = 0xffff_fffd

    /// What is in it, seen from a session.
    func properties(_ session: TASession) -> [TEEProperty] {
        switch self {
        case .currentApplication: [TEEProperty("gpd.ta.appID", .uuid(session.instance.uuid))]
        case .currentClient: [TEEProperty("gpd.client.identity", .identity(session.client))]
        case .implementation: Self.implementation(session.instance.world)
        }
    }

    /// TEE Internal Core API 4.7. Times and storage are the host's: level 100. The versions of the API and the limit of big integers are the runtime library's to
    /// tell, which puts them before these; none may be there twice.
    static func implementation(_ world: SecureWorld) -> [TEEProperty] {
        let version = world.configuration.version
        return [
            TEEProperty("gpd.tee.apiversion", .string("GPD-1.1-dev")),
            TEEProperty("gpd.tee.description", .string("Skerry secure world \(version)")),
            TEEProperty("gpd.tee.deviceID", .uuid(world.deviceID)),
            TEEProperty("gpd.tee.systemTime.protectionLevel", .number(100)),
            TEEProperty("gpd.tee.TAPersistentTime.protectionLevel", .number(100)),
            TEEProperty("gpd.tee.cryptography.ecc", .boolean(true)),
            TEEProperty("gpd.tee.cryptography.nist", .boolean(true)),
            TEEProperty("gpd.tee.trustedStorage.antiRollback.protectionLevel", .number(world.configuration.antiRollbackLevel)),
            TEEProperty("gpd.tee.trustedos.implementation.version", .string(version)),
            TEEProperty("gpd.tee.trustedos.implementation.binaryversion", .number(0)),
            TEEProperty("gpd.tee.trustedos.manufacturer", .string("Skerry")),
            TEEProperty("gpd.tee.firmware.implementation.version", .string("none")),
            TEEProperty("gpd.tee.firmware.implementation.binaryversion", .number(0)),
            TEEProperty("gpd.tee.firmware.manufacturer", .string("none")),
            TEEProperty("gpd.tee.event.maxSources", .number(0)),
        ]
    }
}
