internal import Confidential

/// An object of a manifest that is read key by key. A key that nobody asks for is a mistake in writing, and refused: a plan is not to be measured without what
/// its author took for a part of it.
struct ManifestObject {
    private var fields: [String: JSONValue]
    /// Where it stands, such as "pages[3]".
    let place: String

    init(_ value: JSONValue, _ place: String) throws(ManifestError) {
        guard case .object(let fields) = value else { throw ManifestError("\(place) has to be an object in braces") }
        self.fields = fields
        self.place = place
    }

    private func error(_ key: String, _ text: String) -> ManifestError { ManifestError("\(key) of \(place) \(text)") }

    func has(_ key: String) -> Bool { fields[key] != nil }

    mutating func take(_ key: String) -> JSONValue? { fields.removeValue(forKey: key) }

    /// A number, or a text with one in decimal or, behind 0x, hexadecimal.
    mutating func number(_ key: String) throws(ManifestError) -> UInt64? {
        switch take(key) {
        case nil: return nil
        case .number(let value): return value
        case .text(let text):
            if let value = text.hasPrefix("0x") ? UInt64(text.dropFirst(2), radix: 16) : UInt64(text) { return value }
        default: break
        }
        throw error(key, "has to be a number from 0 to 2^64 - 1, or such a number as text like \"0x30000\"")
    }

    /// A number of fewer bits.
    mutating func number<Number: FixedWidthInteger>(_ key: String, as: Number.Type) throws(ManifestError) -> Number? {
        guard let value = try number(key) else { return nil }
        guard let narrow = Number(exactly: value) else { throw error(key, "is at most \(Number.max)") }
        return narrow
    }

    mutating func text(_ key: String) throws(ManifestError) -> String? {
        switch take(key) {
        case nil: return nil
        case .text(let text): return text
        default: throw error(key, "has to be text in quotation marks")
        }
    }

    mutating func list(_ key: String) throws(ManifestError) -> [JSONValue]? {
        switch take(key) {
        case nil: return nil
        case .list(let list): return list
        default: throw error(key, "has to be a list in brackets")
        }
    }

    /// Bytes as hexadecimal digits.
    mutating func bytes(_ key: String, count: Int? = nil) throws(ManifestError) -> [UInt8]? {
        guard let text = try text(key) else { return nil }
        guard let bytes = [UInt8](hexadecimal: text), count == nil || bytes.count == count else {
            throw error(key, count.map { "needs \($0 * 2) hexadecimal digits" } ?? "needs an even number of hexadecimal digits")
        }
        return bytes
    }

    /// After the last key.
    func finish() throws(ManifestError) {
        guard fields.isEmpty else { throw ManifestError("\(place) has the unknown keys \(fields.keys.sorted().joined(separator: ", ")); see skerry snp measure --help") }
    }
}

/// What is wrong with a manifest, and where.
public struct ManifestError: Error, CustomStringConvertible, Sendable {
    /// The text.
    public let description: String
    init(_ description: String) { self.description = description }
}
