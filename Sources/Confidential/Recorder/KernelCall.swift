internal import CLinux

/// One call of the KVM back end with all bytes the kernel reads for it, or writes: a line of a transcript.
///
///     open /dev/kvm 0x80002 -> 3
///     allocate 0x6000 -> 0x7f0000000000
///     ioctl 4 0xc008aeba 0x7f0000000000 [0x7f0000000000 1600…] [0x7f0000000040 …] -> 0 [0x7f0000000000 1600…]
///     map 6 0x3000 -> 0x7f0000010000
///     punch 5 0x0 0x1000 -> 0
///     close 3 -> 0
///
/// Behind the arrow stand the result and what the kernel wrote. Memory is written as its address and its bytes in hexadecimal; more than 512 bytes as their
/// number and their SHA-384. Lines that begin with # are remarks.
struct KernelCall: Equatable, Sendable {
    /// Bytes at an address.
    struct Memory: Equatable, Sendable {
        let address: UInt64
        let bytes: Bytes

        /// Bytes, or what identifies many of them.
        enum Bytes: Equatable, Sendable {
            case all([UInt8])
            case digest(count: Int, sha384: String)

            init(_ bytes: [UInt8]) { self = bytes.count <= 512 ? .all(bytes) : .digest(count: bytes.count, sha384: SHA384.digest(bytes).hexadecimal) }
        }

        var text: String {
            switch bytes {
            case .all(let bytes): "[\(address.hexadecimal) \(bytes.hexadecimal)]"
            case .digest(let count, let digest): "[\(address.hexadecimal) \(count) sha384:\(digest)]"
            }
        }
    }

    /// "open", "ioctl", …
    var verb: String
    /// Its arguments: a path, then numbers as hexadecimal or decimal.
    var arguments: [String]
    /// What the kernel reads.
    var inputs: [Memory] = []
    /// The result of the call.
    var result: Int64 = 0
    /// What the kernel writes.
    var outputs: [Memory] = []

    /// What the monitor is responsible for, as text.
    var request: String { ([verb] + arguments + inputs.map(\.text)).joined(separator: " ") }

    /// The line.
    var line: String {
        let answer = verb == "allocate" || verb == "map" ? UInt64(bitPattern: result).hexadecimal : String(result)
        return (["\(request) -> \(answer)"] + outputs.map(\.text)).joined(separator: " ")
    }
}

extension KernelCall {
    /// From a line; nil when it is none.
    init?(line: String) {
        let halves = line.split(separator: "->", maxSplits: 1, omittingEmptySubsequences: false)
        guard halves.count == 2, let request = Self.parse(halves[0]), let answer = Self.parse(halves[1]), let verb = request.words.first, let result = answer.words.first,
            let number = Self.number(result)
        else { return nil }
        self.init(verb: verb, arguments: Array(request.words.dropFirst()), inputs: request.memory, result: number, outputs: answer.memory)
    }

    static func number(_ text: String) -> Int64? {
        if text.hasPrefix("0x") { return UInt64(text.dropFirst(2), radix: 16).map { Int64(bitPattern: $0) } }
        return Int64(text)
    }

    private static func parse(_ half: Substring) -> (words: [String], memory: [Memory])? {
        let parts = half.split(separator: "[", omittingEmptySubsequences: false)
        guard let first = parts.first else { return nil }
        var memory: [Memory] = []
        for part in parts.dropFirst() {
            let words = part.split { $0 == " " || $0 == "]" }.map(String.init)
            guard (2...3).contains(words.count), let address = number(words[0]) else { return nil }
            if words.count == 3 {
                guard let count = Int(words[1]), words[2].hasPrefix("sha384:") else { return nil }
                memory.append(Memory(address: UInt64(bitPattern: address), bytes: .digest(count: count, sha384: String(words[2].dropFirst(7)))))
            } else {
                guard let bytes = [UInt8](hexadecimal: words[1]) else { return nil }
                memory.append(Memory(address: UInt64(bitPattern: address), bytes: .init(bytes)))
            }
        }
        return (first.split(separator: " ").map(String.init), memory)
    }
}

extension [UInt8] {
    /// From hexadecimal digits; nil for an odd number of them or another character.
    public init?(hexadecimal text: some StringProtocol) {
        let digits = text.utf8.map { byte -> UInt8? in
            switch byte {
            case 0x30...0x39: byte - 0x30
            case 0x41...0x46: byte - 0x37
            case 0x61...0x66: byte - 0x57
            default: nil
            }
        }
        let valid = digits.compactMap(\.self)
        guard valid.count == digits.count, valid.count % 2 == 0 else { return nil }
        self = stride(from: 0, to: valid.count, by: 2).map { valid[$0] << 4 | valid[$0 + 1] }
    }
}
