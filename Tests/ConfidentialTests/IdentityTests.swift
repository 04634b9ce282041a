import Foundation
import Testing

@testable import Confidential

@Suite("ID block and ID authentication are what the firmware checks")
struct IdentityTests {
    private let idKey: LaunchKey, authorKey: LaunchKey, block: IDBlock

    init() throws {
        idKey = try LaunchKey.generate()
        authorKey = try LaunchKey.generate()
        block = try IDBlock(
            digest: #require(LaunchDigest(resuming: Array(0..<48))), familyID: Array(1...16), imageID: Array(17...32), guestSVN: 0x0102_0304, policy: .standard)
    }

    @Test func theBlockHasItsLayout() throws {
        let bytes = block.bytes
        #expect(bytes.count == 96 && Array(bytes[..<48]) == Array(0..<48) && Array(bytes[0x30..<0x50]) == Array(1...32))
        #expect(bytes.number(at: 0x50, as: UInt32.self) == 1 && bytes.number(at: 0x54, as: UInt32.self) == 0x0102_0304 && bytes.number(at: 0x58, as: UInt64.self) == 0x30000)
        #expect(IDBlock(bytes: bytes) == block)
        #expect(IDBlock(bytes: Array(bytes.dropLast())) == nil)
        #expect(failure { _ = try IDBlock(digest: LaunchDigest(), familyID: [1]) }?.kind == .plan)
    }

    private func verify(_ page: [UInt8], _ block: [UInt8], _ withAuthorKey: Bool = true) throws(FirmwareError) {
        guard let authentication = IDAuthentication(bytes: page) else { throw .invalidLength }
        try authentication.verify(block, withAuthorKey: withAuthorKey)
    }

    @Test func everyPartOfItCounts() throws {
        let page = try IDAuthentication(signing: block, idKey: idKey, authorKey: authorKey).bytes
        try verify(page, block.bytes)
        try verify(page, block.bytes, false)
        // A byte of each part, and of the reserved bytes between them.
        let places: [(Int, FirmwareError)] = [
            (0, .invalidParameter), (4, .invalidParameter), (8, .invalidParameter), (0x40, .badSignature), (0x88, .badSignature), (0x40 + 144, .badSignature),
            (0x240, .badSignature),
            (0x244, .badSignature), (0x28C, .badSignature), (0x643, .badSignature), (0x644, .invalidParameter), (0x680, .badSignature), (0x880, .badSignature),
            (0x884, .badSignature),
            (0xC84, .invalidParameter), (0xFFF, .invalidParameter),
        ]
        for (place, expected) in places {
            var other = page
            other[place] ^= 1
            #expect(throws: expected, "at \(place.hexadecimal)") { try verify(other, block.bytes) }
        }
        var other = block.bytes
        other[0x54] ^= 1
        #expect(throws: FirmwareError.badSignature) { try verify(page, other) }
    }

    @Test func withoutAuthorKey() throws {
        let authentication = try IDAuthentication(signing: block, idKey: idKey)
        #expect(!authentication.hasAuthorKey && authentication.bytes.isZero(0x680..<0x1000) && authentication.bytes.isZero(4..<8))
        try authentication.verify(block.bytes, withAuthorKey: false)
        #expect(throws: FirmwareError.self) { try authentication.verify(block.bytes, withAuthorKey: true) }
    }

    @Test func aKeyThatIsNoPointOfTheCurveIsNone() {
        var form = idKey.firmwareForm
        #expect(LaunchKey(firmwareForm: form)?.firmwareForm == form)
        form[4] ^= 1
        #expect(LaunchKey(firmwareForm: form) == nil)
        #expect(LaunchKey(firmwareForm: [UInt8](repeating: 0, count: 0x404)) == nil)
        #expect(LaunchKey(firmwareForm: [UInt8](repeating: 0xFF, count: 0x404)) == nil)
    }

    @Test func keyFilesOfTheOpensslCommand() throws {
        let scratch = try ScratchFolder()
        for (name, arguments, isPrivate) in [
            ("sec1.pem", ["ecparam", "-name", "secp384r1", "-genkey", "-noout"], true),
            ("pkcs8.pem", ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"], true),
            ("compressed.pem", ["ec", "-in", scratch.path("sec1.pem"), "-pubout", "-conv_form", "compressed"], false),
        ] {
            _ = try #require(output(of: "openssl", arguments + ["-out", scratch.path(name)]))
            let key = try LaunchKey(pem: Array(Data(contentsOf: scratch.url.appending(path: name))))
            #expect(key.isPrivate == isPrivate)
            if !isPrivate { #expect(failure { _ = try key.signature(of: [1]) }?.kind == .plan) }
        }
        for arguments in [["ecparam", "-name", "prime256v1", "-genkey", "-noout"], ["genrsa", "2048"]] {
            let pem = try #require(output(of: "openssl", arguments))
            #expect(failure { _ = try LaunchKey(pem: Array(pem.utf8)) }?.kind == .plan)
        }
        #expect(failure { _ = try LaunchKey(pem: Array("nothing".utf8)) }?.kind == .plan)
        #expect(failure { _ = try LaunchKey(pem: [UInt8](repeating: 0x41, count: 1 << 20)) }?.kind == .plan)
        let again = try LaunchKey(pem: idKey.privatePEM())
        #expect(again.isPrivate && again.digest == idKey.digest)
    }

    @Test func opensslVerifiesTheSignatures() throws {
        let scratch = try ScratchFolder()
        let page = try IDAuthentication(signing: block, idKey: idKey, authorKey: authorKey).bytes
        for (name, key, message, signature) in [("id", idKey, block.bytes, 0x40), ("author", authorKey, Array(page[0x240..<0x644]), 0x680)] {
            let pem = try scratch.write(key.privatePEM(), "\(name).pem")
            let pub = try #require(output(of: "openssl", ["pkey", "-in", pem, "-pubout"]))
            let arguments = [
                "dgst", "-sha384", "-verify", try scratch.write(Array(pub.utf8), "\(name).pub"), "-signature",
                try scratch.write(signatureDER(Array(page[signature..<signature + 512])), "\(name).sig"), try scratch.write(message, "\(name).msg"),
            ]
            #expect(output(of: "openssl", arguments) == "Verified OK\n")
        }
    }

    @Test func firmwareRefusesAnotherPolicy() throws {
        var launch = try SoftwareLaunch()
        let block = try IDBlock(digest: launch.plan.measurement, policy: GuestPolicy.standard.union(.debugging))
        launch.plan.identity = try LaunchIdentity(block: block.bytes, authentication: IDAuthentication(signing: block, idKey: idKey))
        #expect(failure { _ = try launch.launched() }?.kind == .firmware(.policyFailure))
        var version = try IDBlock(digest: launch.plan.measurement).bytes
        version[0x50] = 2
        launch.plan.identity?.block = version
        #expect(failure { _ = try launch.launched() }?.kind == .firmware(.invalidParameter))
    }

    private static let python: String? = {
        guard ProcessInfo.processInfo.environment["SKERRY_TEST_ALL"] == "1" else { return nil }
        let python = ProcessInfo.processInfo.environment["SKERRY_SNP_PYTHON"] ?? "python3"
        return output(of: python, ["-c", "import sevsnpmeasure"]) == nil ? nil : python
    }()

    @Test("sev-snp-measure makes the same ID block and, apart from its signatures, the same ID authentication", .enabled(if: python != nil))
    func sameAsTheOracle() throws {
        let scratch = try ScratchFolder()
        let (id, author) = (try scratch.write(idKey.privatePEM(), "id.pem"), try scratch.write(authorKey.privatePEM(), "author.pem"))
        let plain = try IDBlock(digest: block.digest)
        let script = "import sys; from sevsnpmeasure.id_block import snp_calc_id_block as f; print(f(bytes.fromhex(sys.argv[1]), sys.argv[2], sys.argv[3]))"
        let python = try #require(Self.python)
        let text = try #require(output(of: python, ["-c", script, plain.digest.bytes.hexadecimal, id, author]))
        func field(_ name: String) throws -> [UInt8] {
            let start = try #require(text.range(of: name)).upperBound
            return try Array(#require(Data(base64Encoded: String(text[start...].prefix { $0 != "," && $0 != "\n" }))))
        }
        #expect(try field("id-block=") == plain.bytes)
        #expect(try field("id_key_hash: ") == idKey.digest && field("author_key: ") == authorKey.digest)
        let theirs = try #require(IDAuthentication(bytes: field("id-auth=")))
        try theirs.verify(plain.bytes, withAuthorKey: true)
        let ours = try IDAuthentication(signing: plain, idKey: idKey, authorKey: authorKey)
        for part in [0..<0x40, 0x240..<0x680, 0x880..<0x1000] { #expect(theirs.bytes[part] == ours.bytes[part]) }
    }
}
