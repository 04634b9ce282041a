/// CCM (SP 800-38C; RFC 3610) in pieces and in constant memory, of a block cipher of 16 bytes.
///
/// libcrypto takes the payload of a CCM in one piece only. The lengths that were announced are part of what is authenticated, hence they are kept to.
final class CounterWithChain {
    private let chain: BlockChain
    private let counter: BlockCipher
    private let encrypts: Bool
    private let tagSize: Int
    private var tagMask: [UInt8]
    private var aadLeft: UInt64
    private var payloadLeft: UInt64

    /// A message with that much data to authenticate and that much payload, in bytes.
    ///
    /// `badParameters` for a nonce of less than 7 or more than 13 bytes, or one that leaves no room for the payload's length.
    init(
        _ primitive: TEEMainAlgorithm?, key: SecretBytes, nonce: [UInt8], tagSize: Int, aadLength: UInt64, payloadLength: UInt64, encrypts: Bool
    ) throws(TEEResult) {
        guard (7...13).contains(nonce.count) else { throw .badParameters }
        let lengthSize = 15 - nonce.count
        guard lengthSize == 8 || payloadLength >> (8 * lengthSize) == 0 else { throw .badParameters }
        self.encrypts = encrypts
        self.tagSize = tagSize
        aadLeft = aadLength
        payloadLeft = payloadLength
        chain = try BlockChain(primitive, key: key)
        // Flags, nonce and length (SP 800-38C, A.2.1).
        let flags = (aadLength > 0 ? 0x40 : 0) | ((tagSize - 2) / 2) << 3 | (lengthSize - 1)
        try chain.update([UInt8(flags)] + nonce + Self.bigEndian(payloadLength, size: lengthSize))
        switch aadLength {
        case 0: break
        case ..<0xff00: try chain.update(Self.bigEndian(aadLength, size: 2))
        case ..<0x1_0000_0000: try chain.update([0xff, 0xfe] + Self.bigEndian(aadLength, size: 4))
        default: try chain.update([0xff, 0xff] + Self.bigEndian(aadLength, size: 8))
        }
        // Counter block 0 masks the tag, the payload starts with block 1 (SP 800-38C, A.3).
        let start = [UInt8(lengthSize - 1)] + nonce + [UInt8](repeating: 0, count: lengthSize)
        counter = try start.withBytes { (start) throws(TEEResult) in try BlockCipher(primitive, .ctr, key: key, iv: start, encrypts: true) }
        tagMask = try counter.update([UInt8](repeating: 0, count: 16))
    }

    private init(_ other: CounterWithChain) throws(TEEResult) {
        chain = try other.chain.copy()
        counter = try other.counter.copy()
        encrypts = other.encrypts
        tagSize = other.tagSize
        tagMask = other.tagMask
        aadLeft = other.aadLeft
        payloadLeft = other.payloadLeft
    }

    private static func bigEndian(_ number: UInt64, size: Int) -> [UInt8] {
        (0..<size).map { UInt8(truncatingIfNeeded: number >> (8 * (size - 1 - $0))) }
    }

    /// Adds data to authenticate; `badState` for more than was announced.
    func authenticate(_ data: UnsafeRawBufferPointer) throws(TEEResult) {
        guard UInt64(data.count) <= aadLeft else { throw .badState }
        aadLeft -= UInt64(data.count)
        try chain.update(data)
        if aadLeft == 0 { try chain.fillBlock() }
    }

    /// Runs payload through the cipher; `badState` for more than was announced, and before all data to authenticate has come.
    func update(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) throws(TEEResult) {
        guard aadLeft == 0, UInt64(input.count) <= payloadLeft else { throw .badState }
        payloadLeft -= UInt64(input.count)
        if encrypts { try chain.update(input) }
        try counter.update(input, into: output)
        if !encrypts { try chain.update(UnsafeRawBufferPointer(output)) }
    }

    /// The tag; `badState` when less payload has come than was announced.
    func tag() throws(TEEResult) -> [UInt8] {
        guard aadLeft == 0, payloadLeft == 0 else { throw .badState }
        try chain.fillBlock()
        guard let value = chain.value else { throw .badState }
        return zip(value, tagMask).prefix(tagSize).map { $0 ^ $1 }
    }

    /// Another cipher in the same state.
    func copy() throws(TEEResult) -> CounterWithChain { try CounterWithChain(self) }

    deinit { SecretBytes.wipe(&tagMask) }
}
