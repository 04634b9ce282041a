internal import CCrypto

/// What an `i2d` function of libcrypto writes; nil when it fails.
func derCopy(_ encode: (UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?) -> Int32) -> [UInt8]? {
    let count = encode(nil)
    guard count > 0 else {
        ERR_clear_error()
        return nil
    }
    var bytes = [UInt8](repeating: 0, count: Int(count))
    let written = bytes.withUnsafeMutableBufferPointer { buffer in
        var cursor = buffer.baseAddress
        return encode(&cursor)
    }
    return written == count ? bytes : nil
}

/// An object's identifier in dotted numbers; one that is absurdly long is none that anybody knows, and says so.
func dottedIdentifier(_ object: OpaquePointer?) -> String {
    let unknown = "an unreadable identifier"
    guard let object else { return unknown }
    var text = [CChar](repeating: 0, count: 128)
    let count = Int(OBJ_obj2txt(&text, Int32(text.count), object, 1))
    guard count > 0, count < text.count else { return unknown }
    return String(decoding: text.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// The bytes of a string of libcrypto.
func stringBytes(_ string: UnsafePointer<ASN1_STRING>?) -> [UInt8] {
    guard let string, let start = ASN1_STRING_get0_data(string) else { return [] }
    let count = ASN1_STRING_length(string)
    return count > 0 ? Array(UnsafeBufferPointer(start: start, count: Int(count))) : []
}

/// A time in seconds since 1970; nil when it is not one.
func seconds(of time: UnsafePointer<ASN1_TIME>?) -> Int64? {
    guard let time, let epoch = ASN1_TIME_set(nil, 0) else { return nil }
    defer { ASN1_STRING_free(epoch) }
    var days: Int32 = 0, rest: Int32 = 0
    guard ASN1_TIME_diff(&days, &rest, epoch, time) == 1 else {
        ERR_clear_error()
        return nil
    }
    return Int64(days) * 86_400 + Int64(rest)
}
