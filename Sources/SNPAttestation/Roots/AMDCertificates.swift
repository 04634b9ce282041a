/// The certificates that AMD publishes for each product.
enum AMDCertificates {
    /// All of them, a root first; what libcrypto cannot read is left out, and then missing where it is needed.
    static let all: [Certificate] = [milanARK, milanASK, milanASVK, genoaARK, genoaASK, genoaASVK, turinARK, turinASK, turinASVK].flatMap { text in
        guard case .blocks(let blocks) = PEM.read(Array(text.utf8)) else { return [Certificate]() }
        return blocks.compactMap { try? Certificate(der: $0.der) }
    }
}
