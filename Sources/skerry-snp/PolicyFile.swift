import SNPAttestation

internal import Foundation

/// What `--policy` reads: a JSON object with the names of ``PolicyFile/Key``, each of which may be left out.
struct PolicyFile: Decodable {
    private(set) var policy = AttestationPolicy()

    /// The keys, and what each takes.
    enum Key: String, CodingKey, CaseIterable {
        case measurement, hostData, reportData, idKeyDigest, authorKeyDigest, familyID, imageID, minimumGuestSVN
        case guestPolicy, debug, migrationAgent, smt, singleSocket, minimumABI, vmpl
        case products, signingKeys, cspID, vlekReportsMayNameChip, tcbFloor, tcbFloorAppliesTo
        case launchMitigations, currentMitigations, aliasCheckRequired, platformInfoRequired, platformInfoForbidden, reservedMustBeZero, refusesExpiredKey,
            revocationListRequired

        var meaning: String {
            switch self {
            case .measurement: "launch digest, 48 bytes of hex, or a list of which one is to be found"
            case .hostData: "32 bytes of hex"
            case .reportData: "64 bytes of hex"
            case .idKeyDigest: "48 bytes of hex, or a list"
            case .authorKeyDigest: "48 bytes of hex, or a list"
            case .familyID: "16 bytes of hex"
            case .imageID: "16 bytes of hex"
            case .minimumGuestSVN: "a number"
            case .guestPolicy: "POLICY as a whole: a number, or \"0x30000\""
            case .debug: "\"forbidden\" (unless given), \"required\" or \"any\""
            case .migrationAgent: "the same; \"forbidden\" unless given"
            case .smt: "the same; \"any\" unless given"
            case .singleSocket: "the same; \"any\" unless given"
            case .minimumABI: "\"MAJOR.MINOR\" that POLICY must ask for at least"
            case .vmpl: "a privilege level, or a list"
            case .products: "a list of Milan, Genoa, Turin; all unless given"
            case .signingKeys: "a list of VCEK, VLEK; both unless given"
            case .cspID: "the VLEK's cloud provider, or a list"
            case .vlekReportsMayNameChip: "true or false (unless given)"
            case .tcbFloor: "{\"Genoa\": {\"bootLoader\": 9, \"tee\": 0, \"snp\": 23, \"microcode\": 72}, ...}; Turin has fmc, too"
            case .tcbFloorAppliesTo: "a list of reported (unless given), current, committed, launch"
            case .launchMitigations: "bits, a number or \"0x...\"; needs version 5"
            case .currentMitigations: "the same"
            case .aliasCheckRequired: "true or false (unless given)"
            case .platformInfoRequired: "bits of PLATFORM_INFO, a number or \"0x...\""
            case .platformInfoForbidden: "the same"
            case .reservedMustBeZero: "true or false (unless given)"
            case .refusesExpiredKey: "true or false (unless given, or --time is)"
            case .revocationListRequired: "true or false (unless given)"
            }
        }
    }

    /// For `--help`.
    static var help: String {
        "\nThe keys of --policy:\n" + Key.allCases.map { "  \($0.rawValue): \($0.meaning)" }.joined(separator: "\n")
    }

    /// Reads a file.
    static func read(_ path: String) throws -> AttestationPolicy {
        let bytes = try InputFile.read(path)
        do {
            return try JSONDecoder().decode(PolicyFile.self, from: Data(bytes)).policy
        } catch let error as Unusable {
            throw Unusable("\(path): \(error)")
        } catch let error as DecodingError {
            throw Unusable("\(path): \(PolicyValue.sentence(error))")
        }
    }

    init(from decoder: any Decoder) throws {
        try PolicyValue.refuseUnknownKeys(of: decoder, known: Key.allCases.map(\.rawValue))
        let values = try decoder.container(keyedBy: Key.self)
        try readGuest(values)
        try readGuestPolicy(values)
        try readPlatform(values)
    }

    private mutating func readGuest(_ values: KeyedDecodingContainer<Key>) throws {
        func bytes(_ key: Key, _ count: Int) throws -> [[UInt8]]? {
            try values.decodeIfPresent(OneOrMany<String>.self, forKey: key)?.values.map { try HexValue.bytes($0, count: count, of: key.rawValue) }
        }
        func single(_ key: Key, _ count: Int) throws -> [UInt8]? {
            try values.decodeIfPresent(String.self, forKey: key).map { try HexValue.bytes($0, count: count, of: key.rawValue) }
        }
        policy.measurements = try bytes(.measurement, 48) ?? []
        policy.idKeyDigests = try bytes(.idKeyDigest, 48) ?? []
        policy.authorKeyDigests = try bytes(.authorKeyDigest, 48) ?? []
        policy.hostData = try single(.hostData, 32)
        policy.reportData = try single(.reportData, 64)
        policy.familyID = try single(.familyID, 16)
        policy.imageID = try single(.imageID, 16)
        policy.minimumGuestSVN = try values.decodeIfPresent(UInt32.self, forKey: .minimumGuestSVN)
    }

    private mutating func readGuestPolicy(_ values: KeyedDecodingContainer<Key>) throws {
        policy.guestPolicy = try values.decodeIfPresent(Bits.self, forKey: .guestPolicy)?.value
        policy.debug = try values.decodeIfPresent(Choice.self, forKey: .debug)?.demand(.debug) ?? policy.debug
        policy.migrationAgent = try values.decodeIfPresent(Choice.self, forKey: .migrationAgent)?.demand(.migrationAgent) ?? policy.migrationAgent
        policy.smt = try values.decodeIfPresent(Choice.self, forKey: .smt)?.demand(.smt) ?? policy.smt
        policy.singleSocket = try values.decodeIfPresent(Choice.self, forKey: .singleSocket)?.demand(.singleSocket) ?? policy.singleSocket
        policy.minimumABI = try values.decodeIfPresent(String.self, forKey: .minimumABI).map(PolicyValue.abiVersion)
        if let levels = try values.decodeIfPresent(OneOrMany<UInt32>.self, forKey: .vmpl)?.values {
            guard levels.allSatisfy({ $0 <= 3 }) else { throw Unusable("vmpl: there are the levels 0 to 3") }
            policy.vmpls = Set(levels)
        }
    }

    private mutating func readPlatform(_ values: KeyedDecodingContainer<Key>) throws {
        if let names = try values.decodeIfPresent([String].self, forKey: .products) { policy.products = Set(try names.map { try PolicyValue.named($0, .products) }) }
        if let names = try values.decodeIfPresent([String].self, forKey: .signingKeys) { policy.signingKeys = Set(try names.map { try PolicyValue.named($0, .signingKeys) }) }
        policy.cspIDs = Set(try values.decodeIfPresent(OneOrMany<String>.self, forKey: .cspID)?.values ?? [])
        policy.vlekReportsMayNameChip = try values.decodeIfPresent(Bool.self, forKey: .vlekReportsMayNameChip) ?? false
        for (name, floor) in try values.decodeIfPresent([String: [String: UInt8]].self, forKey: .tcbFloor) ?? [:] {
            let components: [TCBVersion.Component: UInt8] = try PolicyValue.components(floor)
            policy.tcbFloors[try PolicyValue.named(name, .tcbFloor)] = components
        }
        if let names = try values.decodeIfPresent([String].self, forKey: .tcbFloorAppliesTo) {
            policy.tcbFloorsApplyTo = Set(try names.map { try PolicyValue.named($0, .tcbFloorAppliesTo) })
        }
        policy.launchMitigations = try values.decodeIfPresent(Bits.self, forKey: .launchMitigations)?.value ?? 0
        policy.currentMitigations = try values.decodeIfPresent(Bits.self, forKey: .currentMitigations)?.value ?? 0
        policy.aliasCheckRequired = try values.decodeIfPresent(Bool.self, forKey: .aliasCheckRequired) ?? false
        policy.platformInfoRequired = PlatformInfo(rawValue: try values.decodeIfPresent(Bits.self, forKey: .platformInfoRequired)?.value ?? 0)
        policy.platformInfoForbidden = PlatformInfo(rawValue: try values.decodeIfPresent(Bits.self, forKey: .platformInfoForbidden)?.value ?? 0)
        policy.reservedMustBeZero = try values.decodeIfPresent(Bool.self, forKey: .reservedMustBeZero) ?? false
        policy.refusesExpiredKey = try values.decodeIfPresent(Bool.self, forKey: .refusesExpiredKey) ?? false
        policy.revocationListRequired = try values.decodeIfPresent(Bool.self, forKey: .revocationListRequired) ?? false
    }
}
