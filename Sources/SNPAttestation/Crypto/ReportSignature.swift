internal import CCrypto

/// SIGNATURE of a report: r and s of ECDSA over P-384, each 72 bytes little-endian, and 368 bytes of padding.
///
/// The bytes beyond the 48 that a number of P-384 can have, and the padding, must be zero: the signature does not cover itself, so that anything could stand
/// there. Of the two values of s that verify, (r, s) and (r, n - s), the firmware uses either; both are accepted, as a report is told from others by what it
/// says, never by its signature's bytes.
struct ReportSignature {
    let r: [UInt8]
    let s: [UInt8]
    /// Where bytes are not zero that have to be, counted from the start of the signature.
    let strayOffsets: [Int]

    init(_ bytes: [UInt8]) {
        r = Array(bytes.prefix(48))
        s = Array(bytes.dropFirst(72).prefix(48))
        strayOffsets = bytes.indices.filter { ($0 >= 144 || $0 % 72 >= 48) && bytes[$0] != 0 }
    }

    /// The DER sequence of both numbers; nil when libcrypto is out of memory.
    var der: [UInt8]? {
        guard let signature = ECDSA_SIG_new() else { return nil }
        defer { ECDSA_SIG_free(signature) }
        guard let r = BN_lebin2bn(r, Int32(r.count), nil) else { return nil }
        guard let s = BN_lebin2bn(s, Int32(s.count), nil) else {
            BN_free(r)
            return nil
        }
        guard ECDSA_SIG_set0(signature, r, s) == 1 else {
            BN_free(r)
            BN_free(s)
            return nil
        }
        return derCopy { i2d_ECDSA_SIG(signature, $0) }
    }
}
