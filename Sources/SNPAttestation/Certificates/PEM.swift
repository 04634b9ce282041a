/// Privacy-enhanced mail text (RFC 7468), read strictly: whatever could be a damaged block is an error, not a comment.
enum PEM {
    struct Block: Hashable {
        let label: String
        let der: [UInt8]
    }

    enum Contents: Hashable {
        /// There is no sign of PEM.
        case none
        case blocks([Block])
        case damaged(String)
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func read(_ bytes: [UInt8]) -> Contents {
        guard contains(bytes, "-----BEGIN ") || contains(bytes, "-----END ") || looksDamaged(bytes) else { return .none }
        var blocks: [Block] = []
        var open: (label: String, text: [UInt8])?
        for (number, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
            let text = trimmed(line)
            if let label = marker(text, "BEGIN") {
                guard open == nil else { return .damaged("line \(number + 1): a block begins inside another") }
                open = (label, [])
            } else if let label = marker(text, "END") {
                guard let block = open, block.label == label else { return .damaged("line \(number + 1): the end of a block that did not begin") }
                guard let der = decoded(block.text) else { return .damaged("the block that ends in line \(number + 1) is not base64") }
                blocks.append(Block(label: label, der: der))
                open = nil
            } else if open != nil {
                open?.text += text
            } else if isSuspicious(text) {
                return .damaged("line \(number + 1) looks like part of a block, but is in none")
            }
        }
        guard open == nil else { return .damaged("the last block does not end") }
        return blocks.isEmpty ? .damaged("no block") : .blocks(blocks)
    }

    private static func trimmed(_ line: ArraySlice<UInt8>) -> [UInt8] {
        var line = line
        while let last = line.last, last == 0x0D || last == 0x20 || last == 0x09 { line.removeLast() }
        return Array(line)
    }

    private static func marker(_ line: [UInt8], _ word: String) -> String? {
        let start = Array("-----\(word) ".utf8), end = Array("-----".utf8)
        guard line.starts(with: start), line.count > start.count + end.count, line.suffix(5).elementsEqual(end) else { return nil }
        return String(decoding: line[start.count..<line.count - 5], as: UTF8.self)
    }

    /// A line outside blocks that is no comment anybody would write.
    private static func isSuspicious(_ line: [UInt8]) -> Bool {
        if contains(line, "----") || contains(line, "CERTIFICATE") || contains(line, "X509 CRL") { return true }
        return line.count >= 40 && line.allSatisfy { alphabet.contains($0) || $0 == 0x3D }
    }

    private static func looksDamaged(_ bytes: [UInt8]) -> Bool {
        guard !bytes.contains(0) else { return false }
        return bytes.split(separator: 0x0A).filter { isSuspicious(trimmed($0)) }.count > 1
    }

    private static func contains(_ bytes: [UInt8], _ text: String) -> Bool {
        let text = Array(text.utf8)
        guard bytes.count >= text.count else { return false }
        return (0...bytes.count - text.count).contains { bytes[$0] == text[0] && bytes[$0..<$0 + text.count].elementsEqual(text) }
    }

    /// Base64 in its one canonical form; nil for anything else.
    private static func decoded(_ text: [UInt8]) -> [UInt8]? {
        let padding = text.reversed().prefix { $0 == 0x3D }.count
        guard !text.isEmpty, text.count % 4 == 0, padding <= 2 else { return nil }
        var bytes: [UInt8] = []
        var accumulator: UInt32 = 0, bits: UInt32 = 0
        for character in text.dropLast(padding) {
            guard let value = values[Int(character)] else { return nil }
            accumulator = accumulator << 6 | UInt32(value)
            bits += 6
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: accumulator >> bits))
                accumulator &= (1 << bits) - 1
            }
        }
        // What is left over of the last character is zero in the canonical form.
        return accumulator == 0 && bits == UInt32(padding) * 2 ? bytes : nil
    }

    private static let values: [UInt8?] = (0..<256).map { character in alphabet.firstIndex { Int($0) == character }.map(UInt8.init) }
}
