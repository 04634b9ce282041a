import ArgumentParser
import Confidential
import Foundation
import LaunchManifest

/// `skerry snp id-block`.
struct IDBlockCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "id-block",
        abstract: "Make and sign the ID block of a guest and its ID authentication.",
        discussion: """
            The firmware finishes a launch with an ID block only when digest and policy are those it names, and reports the keys' digests. Keys are P-384 keys in PEM \
            form: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out id-key.pem

            Without --output both parts are printed in base64; with it they are written as OUTPUT.id-block.bin, OUTPUT.id-auth.bin, OUTPUT.id-block.b64 and \
            OUTPUT.id-auth.b64. The digests of the keys are printed in either case, as a report shows them.
            """)

    @Option(help: ArgumentHelp("The launch digest.", valueName: "HEX"))
    var ld: String?

    @Option(help: ArgumentHelp("A launch plan whose digest and policy are taken.", valueName: "PLAN.json"))
    var plan: String?

    @Option(help: ArgumentHelp("The private key of the image.", valueName: "PEM"))
    var idKey: String

    @Option(help: ArgumentHelp("The private key of its author, which signs the ID key.", valueName: "PEM"))
    var authorKey: String?

    @Option(help: ArgumentHelp("16 bytes of the owner's choice.", valueName: "HEX"))
    var familyID: String?

    @Option(help: ArgumentHelp("16 bytes of the owner's choice.", valueName: "HEX"))
    var imageID: String?

    @Option(help: "The security version of the guest.")
    var guestSVN: UInt32 = 0

    @Option(help: ArgumentHelp("The guest policy (default: the plan's, or 0x30000).", valueName: "NUMBER"))
    var policy: String?

    @Option(help: ArgumentHelp("Where to write the parts.", valueName: "PREFIX"))
    var output: String?

    func run() throws {
        let block = try block()
        let key = try Self.key(idKey)
        let author = try authorKey.map { try Self.key($0) }
        let authentication = try IDAuthentication(signing: block, idKey: key, authorKey: author)
        let parts: [(name: String, bytes: [UInt8])] = [("id-block", block.bytes), ("id-auth", authentication.bytes)]
        for part in parts {
            let text = Data(part.bytes).base64EncodedString()
            guard let output else {
                print("\(part.name)=\(text)")
                continue
            }
            try Self.write(Data(part.bytes), "\(output).\(part.name).bin")
            try Self.write(Data((text + "\n").utf8), "\(output).\(part.name).b64")
        }
        print("id-key-digest=\(key.digest.hexadecimal)")
        if let author { print("author-key-digest=\(author.digest.hexadecimal)") }
    }

    private func block() throws -> IDBlock {
        let asked = try policy.map { text in
            guard let value = text.hasPrefix("0x") ? UInt64(text.dropFirst(2), radix: 16) : UInt64(text) else {
                throw ValidationError("--policy takes a number such as 0x30000, not \(text)")
            }
            return GuestPolicy(rawValue: value)
        }
        let digest: LaunchDigest
        var known = GuestPolicy.standard
        switch (ld, plan) {
        case (let hex?, nil):
            guard let bytes = [UInt8](hexadecimal: hex), let given = LaunchDigest(resuming: bytes) else { throw ValidationError("--ld takes 96 hexadecimal digits") }
            digest = given
        case (nil, let file?):
            let plan = try LaunchManifest(file: URL(filePath: file)).plan
            digest = plan.measurement
            known = plan.policy
            guard asked == nil || asked == known else { throw ValidationError("--policy is not the policy of the plan, \(known); the firmware would refuse the block") }
        default: throw ValidationError("give the launch digest with either --ld or --plan")
        }
        let chosen = asked ?? known
        if let fault = chosen.fault { throw ValidationError(fault) }
        return try IDBlock(
            digest: digest, familyID: Self.identifier(familyID, "--family-id"), imageID: Self.identifier(imageID, "--image-id"), guestSVN: guestSVN, policy: chosen)
    }

    private static func identifier(_ text: String?, _ name: String) throws -> [UInt8] {
        guard let text else { return [UInt8](repeating: 0, count: 16) }
        guard let bytes = [UInt8](hexadecimal: text), bytes.count == 16 else { throw ValidationError("\(name) takes 32 hexadecimal digits") }
        return bytes
    }

    private static func key(_ path: String) throws -> LaunchKey {
        let file: Data
        do { file = try Data(contentsOf: URL(filePath: path)) } catch { throw ValidationError("the key \(path) cannot be read: \(error.localizedDescription)") }
        do { return try LaunchKey(pem: [UInt8](file)) } catch { throw ValidationError("\(path): \(error.advice)") }
    }

    private static func write(_ data: Data, _ path: String) throws {
        do { try data.write(to: URL(filePath: path), options: .atomic) } catch { throw ValidationError("\(path) cannot be written: \(error.localizedDescription)") }
    }
}
