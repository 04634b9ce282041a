import FoundationEssentials
import SecureWorld

internal import Glibc

/// The keys of an object of a command file; others are mistakes.
protocol CommandFileKey: CodingKey, CaseIterable, RawRepresentable where RawValue == String {}

/// Any key of an object, or any place in a list.
struct AnyKey: CodingKey {
    let stringValue: String
    let intValue: Int?
    init(stringValue: String) { (self.stringValue, intValue) = (stringValue, nil) }
    init(intValue: Int) { (stringValue, self.intValue) = ("\(intValue)", intValue) }
    init(_ index: Int) { self.init(intValue: index) }
}

/// A number of 32 bits: as JSON has it, or as text in decimal or, behind `0x`, hexadecimal.
struct FileNumber: Decodable {
    let value: UInt32

    init(from decoder: any Decoder) throws {
        let values = try decoder.singleValueContainer()
        if let number = try? values.decode(UInt32.self) {
            value = number
            return
        }
        let text = (try? values.decode(String.self)) ?? ""
        guard let number = text.hasPrefix("0x") ? UInt32(text.dropFirst(2), radix: 16) : UInt32(text) else {
            throw decoder.codingPath.mistake("a number of 32 bits is expected, such as 41 or \"0x29\"")
        }
        value = number
    }
}

extension [any CodingKey] {
    /// What is wrong at this place.
    func mistake(_ text: String) -> DecodingError { .dataCorrupted(DecodingError.Context(codingPath: self, debugDescription: text)) }
    /// What is wrong at a key of the object at this place.
    func mistake(_ key: String, _ text: String) -> DecodingError { (self + [AnyKey(stringValue: key)]).mistake(text) }

    /// As it is written in JavaScript: commands[2].parameters[0].a
    var place: String {
        reduce(into: "") { text, key in
            if let index = key.intValue { text += "[\(index)]" } else { text += (text.isEmpty ? "" : ".") + key.stringValue }
        }
    }
}

extension Decoder {
    /// An object that has no other keys.
    func strictContainer<Key: CommandFileKey>(_ keys: Key.Type) throws -> KeyedDecodingContainer<Key> {
        for key in try container(keyedBy: AnyKey.self).allKeys where Key(stringValue: key.stringValue) == nil {
            throw (codingPath + [key]).mistake("is no known key; there are \(Key.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return try container(keyedBy: keys)
    }
}

extension KeyedDecodingContainer where Key: CommandFileKey {
    /// A number between bounds; nil when the key is not there.
    func number(_ key: Key, in range: ClosedRange<Int>) throws -> Int? {
        guard let value = try decodeIfPresent(FileNumber.self, forKey: key)?.value else { return nil }
        guard range.contains(Int(value)) else { throw (codingPath + [key]).mistake("a number from \(range.lowerBound) to \(range.upperBound) is expected, not \(value)") }
        return Int(value)
    }
}

extension CodingUserInfoKey {
    /// The folder that file names in a command file start from.
    static let folder = CodingUserInfoKey(rawValue: "folder")
}

extension CommandFile {
    /// Reads and checks a file, with the files it names.
    static func read(_ path: String) throws -> CommandFile {
        let bytes = try HostFile.read(path)
        do throws(JSONSyntax.Mistake) { try JSONSyntax.check(bytes) } catch { throw HostFile.Failure(description: "\(path): \(error)") }
        let decoder = JSONDecoder()
        if let key = CodingUserInfoKey.folder { decoder.userInfo[key] = folder(path) }
        do { return try decoder.decode(CommandFile.self, from: Data(bytes)) } catch let error as DecodingError {
            throw HostFile.Failure(description: "\(path): \(words(error))")
        }
    }

    /// The folder of a file, with a slash at its end unless it is this one.
    static func folder(_ path: String) -> String { path.lastIndex(of: "/").map { String(path[...$0]) } ?? "" }

    private static func words(_ error: DecodingError) -> String {
        func at(_ context: DecodingError.Context, _ text: String) -> String { context.codingPath.isEmpty ? text : "\(context.codingPath.place): \(text)" }
        switch error {
        case .dataCorrupted(let context): return at(context, context.debugDescription)
        case .keyNotFound(let key, let context): return at(context, "the key \"\(key.stringValue)\" is missing")
        case .valueNotFound(let type, let context): return at(context, "\(name(type)) is expected, not null")
        case .typeMismatch(let type, let context): return at(context, "\(name(type)) is expected")
        @unknown default: return "\(error)"
        }
    }

    private static func name(_ type: any Any.Type) -> String {
        switch type {
        case is String.Type: "a text"
        case is Bool.Type: "true or false"
        case is [Any].Type, is [Step].Type, is [FileParameter].Type: "a list in [ ]"
        case is UInt32.Type, is Int.Type: "a number"
        default: "an object in { }"
        }
    }
}

extension ClientCredentials {
    /// This process's.
    static var own: ClientCredentials { ClientCredentials(user: geteuid(), group: getegid()) }
}
