/// The extendable-output functions SHAKE128 and SHAKE256 (FIPS 202), absorbing and squeezing in pieces of any length.
///
/// libcrypto before 3.3 gives the output of a SHAKE once only; TEE_DigestExtract wants it piece by piece.
final class KeccakSponge {
    private static let roundConstants: [UInt64] = [
        0x0000_0000_0000_0001, 0x0000_0000_0000_8082, 0x8000_0000_0000_808a, 0x8000_0000_8000_8000, 0x0000_0000_0000_808b, 0x0000_0000_8000_0001,
        0x8000_0000_8000_8081, 0x8000_0000_0000_8009, 0x0000_0000_0000_008a, 0x0000_0000_0000_0088, 0x0000_0000_8000_8009, 0x0000_0000_8000_000a,
        0x0000_0000_8000_808b, 0x8000_0000_0000_008b, 0x8000_0000_0000_8089, 0x8000_0000_0000_8003, 0x8000_0000_0000_8002, 0x8000_0000_0000_0080,
        0x0000_0000_0000_800a, 0x8000_0000_8000_000a, 0x8000_0000_8000_8081, 0x8000_0000_0000_8080, 0x0000_0000_8000_0001, 0x8000_0000_8000_8008,
    ]
    /// Rho's rotations, lane after lane (FIPS 202, table 2, modulo 64).
    private static let rotations: [UInt64] = [0, 1, 62, 28, 27, 36, 44, 6, 55, 20, 3, 10, 43, 25, 39, 41, 45, 15, 21, 8, 18, 2, 61, 56, 14]

    private let lanes: UnsafeMutablePointer<UInt64>
    private let rate: Int
    private var position = 0
    private var isSqueezing = false

    /// A sponge that has absorbed nothing, of a security strength in bits: 128 or 256.
    init(strength: Int) {
        rate = 200 - strength / 4
        lanes = .allocate(capacity: 25)
        lanes.initialize(repeating: 0, count: 25)
    }

    private init(_ other: KeccakSponge) {
        rate = other.rate
        position = other.position
        isSqueezing = other.isSqueezing
        lanes = .allocate(capacity: 25)
        lanes.initialize(from: other.lanes, count: 25)
    }

    private var bytes: UnsafeMutableRawBufferPointer { UnsafeMutableRawBufferPointer(start: lanes, count: 200) }

    /// Adds to the message; `badState` once output was taken.
    func absorb(_ input: UnsafeRawBufferPointer) throws(TEEResult) {
        guard !isSqueezing else { throw .badState }
        let state = bytes
        for byte in input {
            state[position] ^= byte
            position += 1
            if position == rate {
                permute()
                position = 0
            }
        }
    }

    /// Fills memory with the next bytes of the output.
    func squeeze(into output: UnsafeMutableRawBufferPointer) {
        let state = bytes
        if !isSqueezing {
            // Four bits 1 tell SHAKE from SHA-3, then the padding 10*1 (FIPS 202, 6.2).
            state[position] ^= 0x1f
            state[rate - 1] ^= 0x80
            isSqueezing = true
            position = rate
        }
        for index in output.indices {
            if position == rate {
                permute()
                position = 0
            }
            output[index] = state[position]
            position += 1
        }
    }

    /// Another sponge in the same state.
    func copy() -> KeccakSponge { KeccakSponge(self) }

    /// Keccak-f[1600] (FIPS 202, 3.3).
    private func permute() {
        withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 30) { scratch in
            Self.rotations.withUnsafeBufferPointer { rotations in
                for constant in Self.roundConstants { round(constant, rotations, scratch) }
            }
            CryptoLibrary.wipe(UnsafeMutableRawBufferPointer(scratch))
        }
    }

    private func round(_ constant: UInt64, _ rotations: UnsafeBufferPointer<UInt64>, _ scratch: UnsafeMutableBufferPointer<UInt64>) {
        // Theta; the parities of the columns are behind the 25 lanes of the scratch memory.
        for x in 0..<5 { scratch[25 + x] = lanes[x] ^ lanes[x + 5] ^ lanes[x + 10] ^ lanes[x + 15] ^ lanes[x + 20] }
        for x in 0..<5 {
            let right = scratch[25 + (x + 1) % 5]
            let effect = scratch[25 + (x + 4) % 5] ^ (right << 1 | right >> 63)
            for y in 0..<5 { lanes[x + 5 * y] ^= effect }
        }
        // Rho and pi.
        for y in 0..<5 {
            for x in 0..<5 {
                let lane = lanes[x + 5 * y]
                let count = rotations[x + 5 * y]
                scratch[y + 5 * ((2 * x + 3 * y) % 5)] = lane << count | lane >> (64 - count)
            }
        }
        // Chi and iota.
        for y in 0..<5 {
            for x in 0..<5 { lanes[x + 5 * y] = scratch[x + 5 * y] ^ (~scratch[(x + 1) % 5 + 5 * y] & scratch[(x + 2) % 5 + 5 * y]) }
        }
        lanes[0] ^= constant
    }

    deinit {
        CryptoLibrary.wipe(bytes)
        lanes.deallocate()
    }
}
