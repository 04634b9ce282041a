internal import CCrypto

/// Named parameters of a libcrypto call (`OSSL_PARAM`), which keeps copies of their contents and wipes them.
final class ParameterList {
    private var list: [OSSL_PARAM] = []
    private var contents: [UnsafeMutableRawBufferPointer] = []

    /// None so far.
    init() {}

    /// A number without sign, from big-endian bytes.
    func number(_ name: StaticString, _ bigEndian: SecretBytes) -> Self {
        let copy = bigEndian.withUnsafeBytes { keep($0.reversed()) }
        list.append(OSSL_PARAM_construct_BN(name.cString, copy.baseAddress?.assumingMemoryBound(to: UInt8.self), copy.count))
        return self
    }

    /// A byte string.
    func octets(_ name: StaticString, _ bytes: some Collection<UInt8>) -> Self {
        // An empty string must not look as if there were none, so it has an address too.
        let copy = keep(bytes)
        list.append(OSSL_PARAM_construct_octet_string(name.cString, copy.baseAddress, bytes.count))
        return self
    }

    /// A secret byte string.
    func octets(_ name: StaticString, _ bytes: SecretBytes) -> Self { bytes.withUnsafeBytes { octets(name, $0) } }

    /// A text.
    func text(_ name: StaticString, _ text: String) -> Self {
        let copy = keep(Array(text.utf8) + [0])
        list.append(OSSL_PARAM_construct_utf8_string(name.cString, copy.baseAddress?.assumingMemoryBound(to: CChar.self), 0))
        return self
    }

    /// A number of libcrypto's type `int`.
    func integer(_ name: StaticString, _ value: Int32) -> Self {
        let copy = keep(withUnsafeBytes(of: value) { Array($0) })
        list.append(OSSL_PARAM_construct_int(name.cString, copy.baseAddress?.assumingMemoryBound(to: Int32.self)))
        return self
    }

    /// A number of 64 bits without sign.
    func unsigned(_ name: StaticString, _ value: UInt64) -> Self {
        let copy = keep(withUnsafeBytes(of: value) { Array($0) })
        list.append(OSSL_PARAM_construct_uint64(name.cString, copy.baseAddress?.assumingMemoryBound(to: UInt64.self)))
        return self
    }

    /// The array that libcrypto reads, terminated, and not to be kept.
    func withParameters<Result>(_ body: (UnsafeMutablePointer<OSSL_PARAM>) -> Result) -> Result {
        var terminated = list + [OSSL_PARAM_construct_end()]
        return withExtendedLifetime(self) {
            terminated.withUnsafeMutableBufferPointer { buffer in
                // The terminator makes the array not empty, so that it has an address.
                guard let start = buffer.baseAddress else { preconditionFailure("a terminated list is empty") }
                return body(start)
            }
        }
    }

    private func keep(_ bytes: some Collection<UInt8>) -> UnsafeMutableRawBufferPointer {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, bytes.count), alignment: 16)
        copy.initializeMemory(as: UInt8.self, repeating: 0)
        copy.copyBytes(from: bytes)
        contents.append(copy)
        return copy
    }

    deinit {
        for copy in contents {
            CryptoLibrary.wipe(copy)
            copy.deallocate()
        }
    }
}

extension StaticString {
    /// The text as libcrypto wants it.
    var cString: UnsafePointer<CChar> { UnsafeRawPointer(utf8Start).assumingMemoryBound(to: CChar.self) }
}
