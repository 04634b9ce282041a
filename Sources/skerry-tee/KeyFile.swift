import SecureWorld

/// Keys in files of the host.
enum KeyFile {
    /// A key of 32 bytes: as they are, or as 64 hexadecimal digits.
    static func symmetric(_ path: String) throws -> SecretBytes {
        var bytes = try HostFile.read(path)
        defer { SecretBytes.wipe(&bytes) }
        if bytes.count == 32 { return SecretBytes(bytes) }
        var text = bytes[...]
        while text.last == 0x0a || text.last == 0x0d || text.last == 0x20 { text.removeLast() }
        guard text.count == 64, var key = hexadecimal(String(decoding: text, as: UTF8.self)) else {
            throw HostFile.Failure(description: "\(path) holds neither the 32 bytes of a key nor their 64 hexadecimal digits; make one with: openssl rand -hex 32")
        }
        defer { SecretBytes.wipe(&key) }
        return SecretBytes(key)
    }

    /// Bytes from pairs of hexadecimal digits; nil for anything else.
    static func hexadecimal(_ text: some StringProtocol) -> [UInt8]? {
        let digits = text.map(\.hexDigitValue)
        guard digits.count % 2 == 0 else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = digits[index], let low = digits[index + 1] else { return nil }
            bytes.append(UInt8(high << 4 | low))
        }
        return bytes
    }
}
