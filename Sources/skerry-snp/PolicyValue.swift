import SNPAttestation

/// A value, or a list of them; not an empty list, of which nothing could be found.
struct OneOrMany<Value: Decodable>: Decodable {
    let values: [Value]

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let value = try? container.decode(Value.self) {
            values = [value]
        } else {
            values = try container.decode([Value].self)
            if values.isEmpty { throw DecodingError.dataCorruptedError(in: container, debugDescription: "the list is empty: nothing could be found in it") }
        }
    }
}

/// 64 bits: a number, or text that begins with 0x.
struct Bits: Decodable {
    let value: UInt64

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let value = try? container.decode(UInt64.self) {
            self.value = value
            return
        }
        let text = try container.decode(String.self)
        guard text.hasPrefix("0x"), let value = UInt64(text.dropFirst(2), radix: 16) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "\(text) is neither a number nor 0x and hexadecimal digits")
        }
        self.value = value
    }
}

/// "any", "required" or "forbidden".
struct Choice: Decodable {
    private let text: String

    init(from decoder: any Decoder) throws { text = try decoder.singleValueContainer().decode(String.self) }

    func demand(_ key: PolicyFile.Key) throws -> AttestationPolicy.Demand { try PolicyValue.named(text, key) }
}

/// How values of a policy are read, and complained of.
enum PolicyValue {
    private struct AnyKey: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    static func refuseUnknownKeys(of decoder: any Decoder, known: [String]) throws {
        let values = try decoder.container(keyedBy: AnyKey.self)
        let keys = values.allKeys.map(\.stringValue).sorted()
        if let unknown = keys.first(where: { !known.contains($0) }) {
            throw Unusable("unknown key \(unknown); known are \(known.joined(separator: ", "))")
        }
        // Nothing would be demanded where somebody meant to demand something.
        for key in values.allKeys where try values.decodeNil(forKey: key) {
            throw Unusable("\(key.stringValue) is null; leave the key out when nothing is demanded")
        }
    }

    static func named<Value: RawRepresentable & CaseIterable>(_ text: String, _ key: PolicyFile.Key) throws -> Value where Value.RawValue == String {
        guard let value = Value(rawValue: text) else {
            throw Unusable("\(key.rawValue): \(text) is none of \(Value.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return value
    }

    static func components(_ floor: [String: UInt8]) throws -> [TCBVersion.Component: UInt8] {
        var components: [TCBVersion.Component: UInt8] = [:]
        for (name, lowest) in floor { components[try named(name, .tcbFloor)] = lowest }
        return components
    }

    static func abiVersion(_ text: String) throws -> ABIVersion {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        guard parts.count == 2, let major = parts[0], let minor = parts[1] else { throw Unusable("minimumABI: \(text) is not MAJOR.MINOR, as 1.55") }
        return ABIVersion(major: major, minor: minor)
    }

    /// What is wrong with a policy's JSON.
    static func sentence(_ error: DecodingError) -> String {
        func place(_ context: DecodingError.Context) -> String {
            context.codingPath.isEmpty ? "" : context.codingPath.map(\.stringValue).joined(separator: ".") + ": "
        }
        return switch error {
        case .typeMismatch(let type, let context): "\(place(context))not \(type) as expected"
        case .valueNotFound(_, let context): "\(place(context))null; leave the key out instead"
        case .keyNotFound(let key, let context): "\(place(context))\(key.stringValue) is missing"
        case .dataCorrupted(let context): "\(place(context))\(context.debugDescription)"
        @unknown default: "not a policy"
        }
    }
}
