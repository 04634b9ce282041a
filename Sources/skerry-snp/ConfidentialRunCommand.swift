import ArgumentParser
import Confidential
import ConfidentialRun
import KeyRelease
import Skerry
import SkerryRun
import SkerryRunCommand

internal import Foundation

/// `skerry run --confidential`.
struct ConfidentialRunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "run", abstract: RunCommand.configuration.abstract, discussion: RunCommand.configuration.discussion)

    @OptionGroup var sandbox: RunCommand

    func run() throws { try Self.run(sandbox.options) }

    /// Runs the program and ends with its exit status.
    static func run(_ options: RunOptions) throws {
        if let refusal = ConfidentialOptions.refusal(of: options) { throw Unusable(refusal) }
        let confidential = options.confidential
        if confidential.mode == .kvm, !confidential.predicts {
            // Before anything is packed.
            let missing = ConfidentialRun.missingRequirements()
            for line in missing { Output.complain(line) }
            if !missing.isEmpty {
                throw Unusable("this host cannot launch SEV-SNP guests; --confidential=simulate runs the same image, and nothing is confidential then")
            }
        }
        var settings = ConfidentialRun.Settings(confidential.mode == .simulate ? .simulation : .hardware)
        settings.evidence = confidential.evidence
        settings.challenge = try confidential.challenge.map { try HexValue.bytes($0, count: 32, of: "--challenge") }
        settings.certificates = confidential.certificates
        settings.isProxy = confidential.proxy
        settings.secrets = try Self.secrets(confidential)
        settings.connections = try confidential.connections.map(Self.connection)
        settings.isPrediction = confidential.predicts
        let prediction: ConfidentialRun.Prediction?
        do throws(SandboxError) {
            settings.store = try Self.store(confidential)
            let run = try ConfidentialRun(try options.configuration(), settings)
            prediction = confidential.predicts ? try run.prediction() : nil
            if prediction == nil { Console.leave(try run.run()) }
        } catch {
            Console.complain("\(error)")
            Console.leave(error.kind.rawValue)
        }
        if let prediction { Output.write(try Output.json(prediction)) }
    }

    private static func secrets(_ options: ConfidentialOptions) throws -> ConfidentialRun.SecretsSource? {
        guard let text = options.secrets else { return nil }
        guard let address = StreamAddress(text) else { throw Unusable("--secrets \(text): neither \(StreamAddress.forms)") }
        return ConfidentialRun.SecretsSource(address: address, provider: try options.secretsProvider.map(provider))
    }

    /// A point of 97 bytes, as `skerry snp serve-secrets --identity` prints it, or a file with the public key in PEM form.
    private static func provider(_ text: String) throws -> [UInt8] {
        let point: [UInt8]
        if text.utf8.count == 2 * AgreementKey.pointSize, text.allSatisfy(\.isHexDigit) {
            point = try HexValue.bytes(text, count: AgreementKey.pointSize, of: "--secrets-provider")
        } else {
            let words = "neither 97 bytes in hexadecimal digits nor a file with one; serve-secrets --identity prints them, and openssl pkey -pubout makes a PEM file"
            guard FileManager.default.isReadableFile(atPath: text) else { throw Unusable("--secrets-provider \(text): \(words)") }
            let pem = try InputFile.read(text)
            do throws(KeyReleaseError) { return try AgreementKey.point(publicPEM: pem) } catch { throw Unusable("--secrets-provider \(text): \(error)") }
        }
        guard AgreementKey.isPoint(point) else { throw Unusable("--secrets-provider: these bytes are no public key on P-384") }
        return point
    }

    private static func store(_ options: ConfidentialOptions) throws(SandboxError) -> ConfidentialRun.Store? {
        guard let text = options.store else { return nil }
        let words = try ConfidentialOptions.storeWords(text)
        var store = ConfidentialRun.Store(file: words.file, path: words.path)
        store.size = words.size
        store.isNew = options.makesStore
        store.keyIsReleased = options.storeKey == .released
        return store
    }

    private static func connection(_ text: String) throws -> ConfidentialRun.Connection {
        guard let equals = text.firstIndex(of: "="), equals > text.startIndex else { throw Unusable("--connect \(text): write it as PATH=ADDRESS, such as /run/db=127.0.0.1:5432") }
        let (path, address) = (String(text[..<equals]), String(text[text.index(after: equals)...]))
        guard let place = StreamAddress(address) else { throw Unusable("--connect \(text): \(address) is neither \(StreamAddress.forms)") }
        return ConfidentialRun.Connection(path: path, address: place)
    }
}
