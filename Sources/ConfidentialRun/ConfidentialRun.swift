package import Confidential
internal import ConfidentialImage
internal import GuestHost
package import Skerry

/// A run of `skerry run --confidential`: what the sandbox sees is packed, the measured image is launched, its report is verified, and only then the program runs.
package struct ConfidentialRun {
    /// Where the guest runs.
    package enum Mode: Sendable, Equatable {
        /// On SEV-SNP hardware, by KVM.
        case hardware
        /// Over the secure processor in software: nothing is confidential.
        case simulation
    }

    /// What is particular to confidential runs.
    package struct Settings: Sendable {
        /// Where.
        package var mode: Mode
        /// The folder for the report, what it is verified with, and the manifest.
        package var evidence: String?
        /// 32 bytes of a relying party that the report binds; nil: random ones.
        package var challenge: [UInt8]?
        /// Files and folders with the certificates of the host's processor, for `hardware`.
        package var certificates: [String] = []
        /// The library OS of this process serves the files: nothing is confidential.
        package var isProxy = false
        /// Who gives the program secrets.
        package var secrets: SecretsSource?
        /// Sockets of the sandbox, and where connections to them lead.
        package var connections: [Connection] = []
        /// Where the guest keeps what outlives it.
        package var store: Store?
        /// Nothing will run: the store's file need not be there, and is not touched.
        package var isPrediction = false
        /// Settings for a mode.
        package init(_ mode: Mode) { self.mode = mode }
    }

    /// A relying party that gives secrets (`skerry snp serve-secrets`).
    package struct SecretsSource: Sendable {
        /// Where it listens.
        package var address: StreamAddress
        /// Its public key, a P-384 point of 97 bytes; nil: whoever answers there.
        package var provider: [UInt8]?
        /// A relying party.
        package init(address: StreamAddress, provider: [UInt8]?) { (self.address, self.provider) = (address, provider) }
    }

    /// A socket in the sandbox whose connections lead to an address outside.
    package struct Connection: Sendable {
        /// The socket's path, absolute.
        package var path: String
        /// Where the host connects to.
        package var address: StreamAddress
        /// A socket.
        package init(path: String, address: StreamAddress) { (self.path, self.address) = (path, address) }
    }

    /// A file of the host that the guest seals blocks into.
    package struct Store: Sendable {
        /// The file's path on the host, and the path in the sandbox.
        package var file: String, path: String
        /// Bytes; nil: those of the file, or 1 GiB.
        package var size: UInt64?
        /// The guest makes an empty store of it.
        package var isNew = false
        /// The key comes with the secrets.
        package var keyIsReleased = false
        /// A store with a derived key, which is there already.
        package init(file: String, path: String) { (self.file, self.path) = (file, path) }
    }

    let configuration: SandboxConfiguration
    let settings: Settings
    let sandbox: PackedSandbox
    let image: GuestImage
    let ram: UInt64
    let challenge: [UInt8]
    let counter = CounterMeasurement()

    /// Packs what the sandbox sees.
    ///
    /// - Throws: 127 and 126 for the program, as any run; 125 for what cannot be had in a confidential guest, and for a host that cannot.
    package init(_ configuration: SandboxConfiguration, _ settings: Settings) throws(SandboxError) {
        (self.configuration, self.settings) = (configuration, settings)
        challenge = settings.challenge ?? (0..<32).map { _ in UInt8.random(in: 0...255) }
        guard challenge.count == 32 else { throw SandboxError(usage: "a challenge has 32 bytes, not \(challenge.count)") }
        ram = try GuestSize.ram(memory: configuration.memory)
        do throws(SNPError) { image = try GuestImage.built() } catch { throw Self.failure(error) }
        sandbox = try PackedSandbox(configuration, settings)
        if settings.secrets != nil, settings.secrets?.provider == nil, !configuration.isQuiet {
            Notices.tell("--secrets without --secrets-provider: the host can answer itself, and give the program secrets of its own choice")
        }
        if sandbox.unreadable.count > 0, !configuration.isQuiet {
            Notices.tell("\(sandbox.unreadable.count) files that you may not read are left out, the first is \(sandbox.unreadable.first)")
        }
    }

    static func failure(_ error: SNPError) -> SandboxError { SandboxError(.sandbox, "\(error)") }

    /// The launch of the image for this sandbox.
    func plan(_ platform: GuestPlatform, _ page: CPUIDPage) throws(SNPError) -> LaunchPlan {
        var plan = try image.plan(for: platform, cpuid: page, ram: ram)
        plan.hostData = sandbox.hostData
        return plan
    }

    /// Runs the program; the exit status.
    package func run() throws(SandboxError) -> Int32 {
        do throws(SNPError) {
            switch settings.mode {
            case .simulation: return try simulate()
            case .hardware: return try launchOnHardware()
            }
        } catch { throw Self.failure(error) }
    }

    /// What a relying party demands of the report of this run, as the keys of the policy file of `skerry attest verify`.
    package struct Prediction: Encodable, Sendable {
        /// Launch digests; one for each kind of processor, where that makes a difference.
        package let measurement: [String]
        /// SHA-256 of the manifest.
        package let hostData: String
        /// POLICY of the guest.
        package let guestPolicy: String
        /// VMPL0.
        package let vmpl = [0]

        private enum CodingKeys: CodingKey { case measurement, hostData, guestPolicy, vmpl }
    }

    /// The prediction; nothing runs.
    package func prediction() throws(SandboxError) -> Prediction {
        let plans: [LaunchPlan]
        do throws(SNPError) {
            switch settings.mode {
            case .simulation: plans = [try plan(GuestPlatform.simulation(), .ofThisProcessor())]
            // The registers a guest starts with say which extended states there are: those of Milan, and of Genoa and Turin.
            case .hardware: plans = [try plan(.hardware, .reference(.milan)), try plan(.hardware, .reference(.genoa))]
            }
        } catch { throw Self.failure(error) }
        let policy = plans.first?.policy ?? .standard
        return Prediction(measurement: plans.map { $0.measurement.bytes.hexadecimal }, hostData: sandbox.hostData.hexadecimal, guestPolicy: policy.description)
    }
}
