/// What `skerry run` was told of a confidential guest to run in.
package struct ConfidentialOptions: Equatable {
    package enum Mode: String, CaseIterable, Sendable {
        /// SEV-SNP hardware.
        case kvm
        /// A secure processor in software: nothing is confidential.
        case simulate
    }

    /// `--confidential[=MODE]`.
    package var mode: Mode?
    /// `--evidence`: the folder for the report and what it is verified with.
    package var evidence: String?
    /// `--challenge`: 32 bytes in hexadecimal digits.
    package var challenge: String?
    /// `--certs`: the certificates of the host's processor.
    package var certificates: [String] = []
    /// `--predict`: what the report will say is printed, and nothing runs.
    package var predicts = false
    /// `--proxy`: the library OS of the monitor serves the guest's files.
    package var proxy = false
    /// `--secrets`: where a relying party listens; `--secrets-provider`: its public key.
    package var secrets: String?
    package var secretsProvider: String?
    /// `--connect`: PATH=ADDRESS.
    package var connections: [String] = []
    /// `--store`: FILE[:PATH[:SIZE]]; `--store-new`; `--store-key`.
    package var store: String?
    package var makesStore = false
    package var storeKey: StoreKey?

    package init() {}

    package var isWanted: Bool { self != ConfidentialOptions() }

    /// Options of `run` that a confidential guest cannot honour, each with a sentence that says what to do; nil when all can be.
    package static func refusal(of options: RunOptions) -> String? {
        if options.confidential.mode == nil {
            return "--evidence, --challenge, --certs, --predict, --proxy, --secrets, --secrets-provider, --connect, --store, --store-new and --store-key go with --confidential"
        }
        if options.secureWorld.isWanted { return "--tee: a confidential guest has no /dev/tee0; leave --tee or --confidential out" }
        let confidential = options.confidential
        if !confidential.proxy, let path = options.readWrite.first {
            return "--rw \(path): a confidential guest writes nothing to the host's files; grant it with --ro, and let the program write to its output or to a store (--store)"
        }
        if !confidential.proxy, options.rootIsWritable {
            return "--root-rw: a confidential guest writes nothing to the host's files; leave it out, changes stay in the guest's memory"
        }
        if options.trace || options.traceFile != nil || options.traceFormat != nil {
            return "--trace: the host does not see a confidential guest's calls; trace the program in an ordinary run"
        }
        if options.crashReport { return "--crash-report: the host does not see a confidential program's registers; run it in an ordinary run" }
        if options.terminal { return "-t: a confidential guest has no terminal, its standard streams are pipes; leave -t out" }
        if let count = options.processors, count != 1 { return "--cpus \(count): a confidential guest has one processor; leave --cpus out" }
        if options.stats { return "--stats: a confidential guest's calls are not counted; leave --stats out" }
        if confidential.mode == .simulate, !confidential.certificates.isEmpty {
            return "--certs goes with --confidential=kvm; a simulated processor brings its certificates"
        }
        return confidential.refusal
    }

    /// Of what goes with --confidential, that does not go together.
    private var refusal: String? {
        if proxy, secrets != nil {
            return "--secrets: in proxy mode the host chooses what system calls give, and would have the secrets; leave --proxy or --secrets out"
        }
        if proxy, let connection = connections.first { return "--connect \(connection): not in proxy mode; leave --proxy or --connect out" }
        if secrets == nil, secretsProvider != nil { return "--secrets-provider goes with --secrets" }
        return storeRefusal
    }
}
