import ArgumentParser
import SecureWorld
import Synchronization

/// Memory of this process that a command refers to.
final class CallBuffer: TEEBuffer, @unchecked Sendable {
    private let contents: Mutex<[UInt8]>

    init(_ bytes: [UInt8]) {
        contents = Mutex(bytes)
        super.init(size: UInt64(bytes.count))
    }

    var bytes: [UInt8] { contents.withLock { $0 } }

    override func read(at offset: UInt64, count: Int) throws(TEEResult) -> [UInt8] {
        guard let start = Int(exactly: offset), count >= 0, start <= Int(size), count <= Int(size) - start else { throw .accessDenied }
        return contents.withLock { Array($0[start..<start + count]) }
    }

    override func write(_ bytes: [UInt8], at offset: UInt64) throws(TEEResult) {
        guard let start = Int(exactly: offset), start <= Int(size), bytes.count <= Int(size) - start else { throw .accessDenied }
        contents.withLock { $0.replaceSubrange(start..<start + bytes.count, with: bytes) }
    }
}

/// A parameter as the command line names it.
struct CommandParameter {
    let parameter: TEEParameter
    private let buffer: CallBuffer?

    init(_ text: String) throws {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let rest = parts.count > 1 ? parts[1] : nil
        switch (parts[0], rest) {
        case ("none", nil): (parameter, buffer) = (.none, nil)
        case ("value", let rest?):
            let (a, b) = try Self.numbers(rest)
            (parameter, buffer) = (.value(.input, a: a, b: b), nil)
        case ("value-out", nil): (parameter, buffer) = (.value(.output, a: 0, b: 0), nil)
        case ("value-inout", let rest?):
            let (a, b) = try Self.numbers(rest)
            (parameter, buffer) = (.value([.input, .output], a: a, b: b), nil)
        case ("in", let rest?): (parameter, buffer) = Self.memory(.input, try Self.bytes(rest))
        case ("inout", let rest?): (parameter, buffer) = Self.memory([.input, .output], try Self.bytes(rest))
        case ("out", let rest?):
            guard let size = Int(rest), (0...64 << 20).contains(size) else { throw ValidationError("'\(text)': a size in bytes, at most 64 MiB") }
            (parameter, buffer) = Self.memory(.output, [UInt8](repeating: 0, count: size))
        default: throw ValidationError("'\(text)' is no parameter; see skerry tee call --help")
        }
    }

    private static func memory(_ direction: TEEDirection, _ bytes: [UInt8]) -> (TEEParameter, CallBuffer?) {
        let buffer = CallBuffer(bytes)
        return (.memory(direction, buffer, size: buffer.size), buffer)
    }

    private static func numbers(_ text: String) throws -> (UInt32, UInt32) {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false).map { part in
            part.hasPrefix("0x") ? UInt32(part.dropFirst(2), radix: 16) : UInt32(part)
        }
        guard let first = parts.first, let a = first, parts.count <= 2 else { throw ValidationError("'\(text)': one or two numbers of 32 bits") }
        if parts.count < 2 { return (a, 0) }
        guard let b = parts[1] else { throw ValidationError("'\(text)': one or two numbers of 32 bits") }
        return (a, b)
    }

    private static func bytes(_ text: String) throws -> [UInt8] {
        if text.hasPrefix("@") { return try HostFile.read(String(text.dropFirst())) }
        guard text.hasPrefix("hex:") else { return Array(text.utf8) }
        let digits = text.dropFirst(4).map(\.hexDigitValue)
        guard digits.count % 2 == 0, !digits.contains(nil) else { throw ValidationError("'\(text)': pairs of hexadecimal digits behind hex:") }
        return stride(from: 0, to: digits.count, by: 2).map { UInt8((digits[$0] ?? 0) << 4 | (digits[$0 + 1] ?? 0)) }
    }

    /// An output as it came back; nil for an input.
    func shown(_ result: TEEParameter) -> String? {
        switch result {
        case .value(let direction, let a, let b) where direction.contains(.output): return "\(a), \(b) (0x\(String(a, radix: 16)), 0x\(String(b, radix: 16)))"
        case .memory(let direction, _, let size) where direction.contains(.output):
            guard let buffer else { return nil }
            guard size <= buffer.size else { return "\(size) bytes are needed" }
            let bytes = buffer.bytes.prefix(Int(size))
            let text = bytes.last == 0 ? bytes.dropLast() : bytes
            if !text.isEmpty, text.allSatisfy({ $0 >= 0x20 && $0 < 0x7f }) { return "\(size) bytes: \"\(String(decoding: text, as: UTF8.self))\"" }
            return "\(size) bytes: " + bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        default: return nil
        }
    }
}
