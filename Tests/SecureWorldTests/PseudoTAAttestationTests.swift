import Foundation
import LibraryOS
import Testing
@testable import SecureWorld

/// Signed statements about applications (OP-TEE's pta_attestation.h); the `openssl` command says whether signatures are right.
@Suite struct PseudoTAAttestationTests {
    private static let bits = 1024
    private static let signatureSize = bits / 8
    private let storage: PseudoTAStorage
    private let bed: PseudoTABed

    init() throws {
        storage = try PseudoTAStorage()
        bed = try PseudoTABed()
    }

    private final class Digests: ApplicationDigesting, Sendable {
        func headerDigest(of uuid: TEEUUID) throws(TEEResult) -> [UInt8] {
            guard uuid == PseudoTABed.application else { throw .itemNotFound }
            return [UInt8](repeating: 0xd1, count: 32)
        }
    }

    /// As a process that starts now would have it.
    private func application(deviceSecret: [UInt8] = PseudoTABed.deviceSecret, keeps: Bool = true) throws -> AttestationPTA {
        let digests = Digests()
        let configuration = try PseudoTABed.configuration(storage: keeps ? storage.open(deviceSecret: deviceSecret) : nil)
        return AttestationPTA(configuration, bits: Self.bits) { _ in digests }
    }

    private func publicKey(_ session: PseudoSession) -> (result: TEEResult, exponent: [UInt8], modulus: [UInt8], algorithm: UInt32) {
        let (result, parameters) = session.invoke(0, [PseudoTAClientMemory.output(8), PseudoTAClientMemory.output(512), .valueOut])
        return (result, parameters[0].content, parameters[1].content, parameters.value(2).a)
    }

    /// Whether openssl takes the signature for one of `message` under the key of that modulus and the exponent 65537.
    private func isSignature(_ signature: [UInt8], of message: [UInt8], modulus: [UInt8]) throws -> Bool {
        let work = try ImagesFolder()
        try work.write("key.txt", "asn1=SEQUENCE:key\n[key]\nn=INTEGER:0x\(ImagesSupport.hex(modulus))\ne=INTEGER:65537\n")
        try work.write("message", message)
        try work.write("signature", signature)
        try ImagesSupport.run(["openssl", "asn1parse", "-genconf", "key.txt", "-noout", "-out", "key.der"], in: work.path)
        try ImagesSupport.run(["openssl", "rsa", "-RSAPublicKey_in", "-inform", "DER", "-in", "key.der", "-pubout", "-out", "key.pem"], in: work.path)
        let output = try? ImagesSupport.run(
            [
                "openssl", "dgst", "-sha256", "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32", "-sigopt", "rsa_mgf1_md:sha256", "-verify",
                "key.pem", "-signature", "signature", "message",
            ], in: work.path)
        return output?.contains("Verified OK") == true
    }

    // MARK: The key

    @Test func publicKeyIsAnRSAKeyThatStays() throws {
        let first = publicKey(try bed.open(application()))
        #expect(first.result == .success)
        #expect(first.exponent == [1, 0, 1])
        #expect(first.modulus.count == Self.signatureSize && first.modulus[0] >= 0x80)
        #expect(first.algorithm == 0x7041_4930)
        let second = publicKey(try bed.open(application()))
        #expect(second.modulus == first.modulus)
    }

    @Test func defaultKeyHasTheSizeOfOPTEE() { #expect(AttestationKey.defaultBits == 3072) }

    @Test func sizesOfThePublicKeyAreToldToTooSmallBuffers() throws {
        let session = try bed.open(application())
        let (result, parameters) = session.invoke(0, [.memory(.output, nil, size: 0), PseudoTAClientMemory.output(10), .valueOut])
        #expect(result == .shortBuffer)
        #expect(parameters.size(0) == 3)
        #expect(parameters.size(1) == UInt64(Self.signatureSize))
        #expect(parameters.value(2).a == 0x7041_4930)
    }

    @Test func keyWithoutStorageLastsAsLongAsTheApplication() throws {
        let session = try bed.open(application(keeps: false))
        let first = publicKey(session)
        #expect(first.result == .success)
        #expect(publicKey(session).modulus == first.modulus)
        #expect(publicKey(try bed.open(application(keeps: false))).modulus != first.modulus)
    }

    @Test func keyIsNotReadableInTheStorage() throws {
        let modulus = publicKey(try bed.open(application())).modulus
        for (name, bytes) in try storage.files() {
            #expect(!String(decoding: bytes, as: UTF8.self).contains("PRIVATE"), "\(name)")
            #expect(Data(bytes).range(of: Data(modulus)) == nil, "\(name)")
        }
    }

    @Test func damagedKeyIsFoundOutAndReplaced() throws {
        let first = publicKey(try bed.open(application()))
        try storage.damageObjects()
        #expect(publicKey(try bed.open(application())).result == .corruptObject)
        let second = publicKey(try bed.open(application()))
        #expect(second.result == .success)
        #expect(second.modulus != first.modulus)
    }

    @Test func keyOfAnotherDeviceIsOfNoUse() throws {
        #expect(publicKey(try bed.open(application())).result == .success)
        #expect(publicKey(try bed.open(application(deviceSecret: [UInt8](repeating: 9, count: 32)))).result == .corruptObject)
    }

    @Test func keysMadeAtTheSameTimeAreOne() async throws {
        let applications = try [application(), application()]
        let keys = try await withThrowingTaskGroup(of: [UInt8].self) { group in
            for application in applications { group.addTask { publicKey(try bed.open(application)).modulus } }
            return try await group.reduce(into: Set<[UInt8]>()) { $0.insert($1) }
        }
        #expect(keys.count == 1)
        #expect(keys.first?.count == Self.signatureSize)
    }

    // MARK: Statements

    @Test func digestOfAFileIsSignedWithTheNonce() throws {
        let session = try bed.open(application())
        let nonce = Array("nonce".utf8)
        let output = PseudoTAClientMemory.output(1000)
        let (result, parameters) = session.invoke(1, [PseudoTAClientMemory.input(PseudoTABed.application.structure), PseudoTAClientMemory.input(nonce), output])
        #expect(result == .success)
        let content = parameters[2].content
        #expect(content.count == 32 + Self.signatureSize)
        #expect(Array(content.prefix(32)) == [UInt8](repeating: 0xd1, count: 32))
        let modulus = publicKey(session).modulus
        let signature = Array(content.dropFirst(32))
        #expect(try isSignature(signature, of: nonce + content.prefix(32), modulus: modulus))
        #expect(try !isSignature(signature, of: Array("Nonce".utf8) + content.prefix(32), modulus: modulus))
    }

    @Test func largeNoncesAreSignedToo() throws {
        let session = try bed.open(application())
        let nonce = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 / 3) }
        let uuid = PseudoTAClientMemory.input(PseudoTABed.application.structure)
        let (result, parameters) = session.invoke(1, [uuid, PseudoTAClientMemory.input(nonce), PseudoTAClientMemory.output(300)])
        #expect(result == .success)
        let content = parameters[2].content
        #expect(try isSignature(Array(content.dropFirst(32)), of: nonce + content.prefix(32), modulus: publicKey(session).modulus))
    }

    @Test func malformedQuestionsAboutFilesAreRefused() throws {
        let session = try bed.open(application())
        let uuid = PseudoTAClientMemory.input(PseudoTABed.application.structure)
        let (nonce, output) = (PseudoTAClientMemory.input([1]), PseudoTAClientMemory.output(1000))
        #expect(session.invoke(1, [PseudoTAClientMemory.input([1]), nonce, output]).result == .badParameters)
        #expect(session.invoke(1, [.memory(.input, nil, size: 16), nonce, output]).result == .badParameters)
        #expect(session.invoke(1, [uuid, PseudoTAClientMemory.input([]), output]).result == .badParameters)
        #expect(session.invoke(1, [uuid, .memory(.input, nil, size: 0), output]).result == .badParameters)
        #expect(session.invoke(1, [uuid, nonce, .memory(.output, nil, size: 9)]).result == .badParameters)
        #expect(session.invoke(1, [PseudoTAClientMemory.input(TEEUUID.null.structure), nonce, output]).result == .itemNotFound)
        let (short, parameters) = session.invoke(1, [uuid, nonce, PseudoTAClientMemory.output(31 + Self.signatureSize)])
        #expect(short == .shortBuffer)
        #expect(parameters.size(2) == UInt64(32 + Self.signatureSize))
        #expect(session.invoke(1).result == .badParameters)
        #expect(session.invoke(4).result == .badParameters)
    }

    @Test func memoryOfAnApplicationIsMeasured() throws {
        let file = try ImagesPrograms.built.get().alone
        let image = try TAImage(parsing: file)
        var map = TALinkMap()
        try map.add(image, uuid: PseudoTABed.application, at: 0x5500_0000_0000)
        let caller = try PseudoTABed.instance(in: bed.world, images: map)
        defer { caller.end() }
        for segment in try map.segments(of: 0) {
            try caller.memory.space.mapZeroed(at: GuestAddress(segment.address), length: segment.memorySize, [.read, .write])
            try caller.memory.write(segment.bytes, to: segment.address)
        }
        let session = try bed.open(application(), by: caller)
        let (result, parameters) = session.invoke(2, [PseudoTAClientMemory.input([5]), PseudoTAClientMemory.output(1000)])
        #expect(result == .success)
        let content = parameters[1].content
        let work = try ImagesFolder()
        try work.write("alone.elf", file)
        let measured = try ImagesSupport.run(["python3", "-c", Self.measure, "alone.elf"], in: work.path)
        #expect(ImagesSupport.hex(content.prefix(32)) == measured.trimmingCharacters(in: .whitespacesAndNewlines))
        #expect(try isSignature(Array(content.dropFirst(32)), of: [5] + content.prefix(32), modulus: publicKey(session).modulus))
        // What is in memory counts, not what is in the file.
        try caller.memory.write([0xcc], to: 0x5500_0000_0040)
        let changed = session.invoke(2, [PseudoTAClientMemory.input([5]), PseudoTAClientMemory.output(1000)]).parameters[1].content
        #expect(changed.prefix(32) != content.prefix(32))
    }

    /// The segments of an ELF file that are not writable, in whole pages, the smaller first.
    private static let measure = """
        import hashlib, struct, sys
        f = open(sys.argv[1], 'rb').read()
        start, size, count = struct.unpack_from('<Q', f, 32)[0], *struct.unpack_from('<HH', f, 54)
        parts = []
        for i in range(count):
            kind, flags, offset, address, _, length, memory, _ = struct.unpack_from('<IIQQQQQQ', f, start + i * size)
            if kind == 1 and not flags & 2:
                parts.append(f[offset:offset + length].ljust((memory + 4095) // 4096 * 4096, b'\\0'))
        parts.sort(key=lambda part: (len(part), part))
        print(hashlib.sha256(b''.join(parts)).hexdigest())
        """

    /// The loaded segments of a program that are not writable.
    private static let measureProgram = """
        import hashlib, struct, sys
        f = open(sys.argv[1], 'rb').read()
        start, size, count = struct.unpack_from('<Q', f, 32)[0], *struct.unpack_from('<HH', f, 54)
        digest = hashlib.sha256()
        for i in range(count):
            kind, flags, offset, _, _, length, memory, _ = struct.unpack_from('<IIQQQQQQ', f, start + i * size)
            if kind == 1 and not flags & 2:
                digest.update(f[offset:offset + length].ljust(memory, b'\\0'))
        print(digest.hexdigest())
        """

    @Test func onlyApplicationsHaveTheirMemoryMeasured() throws {
        let session = try bed.open(application())
        #expect(session.invoke(2, [PseudoTAClientMemory.input([5]), PseudoTAClientMemory.output(1000)]).result == .accessDenied)
        #expect(session.invoke(2, [PseudoTAClientMemory.input([]), PseudoTAClientMemory.output(1000)]).result == .badParameters)
    }

    /// The program that runs this test is the TEE: its file has what is measured.
    @Test func memoryOfTheTEEIsMeasured() throws {
        let session = try bed.open(application())
        let (result, parameters) = session.invoke(3, [PseudoTAClientMemory.input([5]), PseudoTAClientMemory.output(1000)])
        #expect(result == .success)
        let content = parameters[1].content
        let work = try ImagesFolder()
        let measured = try ImagesSupport.run(["python3", "-c", Self.measureProgram, "/proc/\(getpid())/exe"], in: work.path)
        #expect(ImagesSupport.hex(content.prefix(32)) == measured.trimmingCharacters(in: .whitespacesAndNewlines))
        #expect(try isSignature(Array(content.dropFirst(32)), of: [5] + content.prefix(32), modulus: publicKey(session).modulus))
        let again = session.invoke(3, [PseudoTAClientMemory.input([6]), PseudoTAClientMemory.output(1000)]).parameters[1].content
        #expect(again.prefix(32) == content.prefix(32) && again != content)
        #expect(session.invoke(3, [PseudoTAClientMemory.input([]), PseudoTAClientMemory.output(1000)]).result == .badParameters)
        #expect(session.invoke(3).result == .badParameters)
    }
}
