import Testing

@testable import SecureWorld

/// Whatever a trusted application calls in whatever order, it gets a result or a TEEResult, and never more bytes than were said.
@Suite struct SymmetricHostileTests {
    private typealias Vectors = SymmetricVectors

    /// SplitMix64: the same calls at every run.
    private struct Numbers: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var mixed = (state ^ state >> 30) &* 0xbf58_476d_1ce4_e5b9
            mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
            return mixed ^ mixed >> 31
        }
        mutating func bytes(upTo count: Int) -> [UInt8] { Vectors.pattern(Int.random(in: 0...count, using: &self)) }
        mutating func key() -> SecretBytes {
            SecretBytes(Vectors.pattern([0, 1, 7, 8, 16, 16, 16, 24, 24, 32, 32, 33, 200].randomElement(using: &self) ?? 0, 5, 1))
        }
        mutating func length() -> UInt64 { [0, 1, 4, 12, 16, 16, 17, 40, .max].randomElement(using: &self) ?? 0 }
    }

    @Test(arguments: TEEAlgorithm.names.keys.filter { (1...5).contains($0.operationClass?.rawValue ?? 0) }.sorted { $0.rawValue < $1.rawValue })
    func anyCallsInAnyOrder(_ algorithm: TEEAlgorithm) {
        var numbers = Numbers(state: UInt64(algorithm.rawValue))
        for _ in 0..<60 {
            digest(algorithm, &numbers)
            mac(algorithm, &numbers)
            cipher(algorithm, &numbers)
            authenticated(algorithm, &numbers)
        }
    }

    private func digest(_ algorithm: TEEAlgorithm, _ numbers: inout Numbers) {
        guard var operation = try? DigestOperation(algorithm) else { return }
        for _ in 0..<8 {
            switch Int.random(in: 0...4, using: &numbers) {
            case 0: if let digest = try? operation.finish(numbers.bytes(upTo: 300)), let size = operation.size { #expect(digest.count == size) }
            case 1: if let copy = try? operation.copy() { operation = copy }
            case 2: _ = try? operation.extract(count: Int.random(in: -1...500, using: &numbers))
            case 3: try? operation.reset()
            default: try? operation.update(numbers.bytes(upTo: 300))
            }
        }
    }

    private func mac(_ algorithm: TEEAlgorithm, _ numbers: inout Numbers) {
        guard var operation = try? MACOperation(algorithm, key: numbers.key()) else { return }
        for _ in 0..<8 {
            switch Int.random(in: 0...3, using: &numbers) {
            case 0: if let mac = try? operation.finish(numbers.bytes(upTo: 40)) { #expect(mac.count == operation.size) }
            case 1: if let copy = try? operation.copy() { operation = copy }
            case 2: try? operation.reset()
            default: try? operation.update(numbers.bytes(upTo: 40))
            }
        }
    }

    private func cipher(_ algorithm: TEEAlgorithm, _ numbers: inout Numbers) {
        let mode = TEEOperationMode(rawValue: UInt32.random(in: 0...2, using: &numbers)) ?? .encrypt
        let (key, second) = (numbers.key(), Bool.random(using: &numbers) ? numbers.key() : nil)
        let iv = Vectors.pattern([0, 8, 16, 16, 17].randomElement(using: &numbers) ?? 0)
        guard var operation = try? CipherOperation.make(algorithm, mode, key, second, iv: iv) else { return }
        for _ in 0..<8 {
            let input = Bool.random(using: &numbers) ? numbers.bytes(upTo: 70) : Vectors.pattern(16 * Int.random(in: 0...300, using: &numbers))
            let (updateRoom, finishRoom) = (operation.updateSize(input.count), operation.finishSize(input.count))
            switch Int.random(in: 0...5, using: &numbers) {
            case 0: if let output = try? operation.finish(input) { #expect(output.count <= finishRoom) }
            case 1: if let copy = try? operation.copy() { operation = copy }
            default: if let output = try? operation.update(input) { #expect(output.count <= updateRoom) }
            }
        }
        #expect(operation.updateSize(Int.max) > 0 && operation.finishSize(Int.max) > 0)
    }

    private func authenticated(_ algorithm: TEEAlgorithm, _ numbers: inout Numbers) {
        let mode = TEEOperationMode(rawValue: UInt32.random(in: 0...2, using: &numbers)) ?? .encrypt
        let (key, nonce) = (numbers.key(), numbers.bytes(upTo: 16))
        let made = try? AuthenticatedOperation.make(
            algorithm, mode, key, nonce: nonce, tag: numbers.length(), aad: numbers.length(), payload: numbers.length())
        guard var operation = made else { return }
        for _ in 0..<8 {
            switch Int.random(in: 0...5, using: &numbers) {
            case 0: if let end = try? operation.encryptFinal(numbers.bytes(upTo: 40)) { #expect(end.tag.count == operation.tagSize) }
            case 1: #expect((try? operation.decryptFinal(numbers.bytes(upTo: 40), tag: numbers.bytes(upTo: 17))) == nil)
            case 2: if let copy = try? operation.copy() { operation = copy }
            case 3: try? operation.updateAAD(numbers.bytes(upTo: 40))
            default: _ = try? operation.updatePayload(numbers.bytes(upTo: 40))
            }
        }
    }
}
