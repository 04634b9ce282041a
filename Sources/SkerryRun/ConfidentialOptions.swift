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

    package init() {}

    package var isWanted: Bool { self != ConfidentialOptions() }

    /// Options of `run` that a confidential guest cannot honour, each with a sentence that says what to do; nil when all can be.
    package static func refusal(of options: RunOptions) -> String? {
        if options.confidential.mode == nil { return "--evidence, --challenge, --certs and --predict go with --confidential" }
        if options.secureWorld.isWanted { return "--tee: a confidential guest has no /dev/tee0; leave --tee or --confidential out" }
        if let path = options.readWrite.first {
            return "--rw \(path): a confidential guest writes nothing to the host's files; grant it with --ro, and let the program write to its standard output"
        }
        if options.rootIsWritable { return "--root-rw: a confidential guest writes nothing to the host's files; leave it out, changes stay in the guest's memory" }
        if options.trace || options.traceFile != nil || options.traceFormat != nil {
            return "--trace: the host does not see a confidential guest's calls; trace the program in an ordinary run"
        }
        if options.crashReport { return "--crash-report: the host does not see a confidential program's registers; run it in an ordinary run" }
        if options.terminal { return "-t: a confidential guest has no terminal, its standard streams are pipes; leave -t out" }
        if let count = options.processors, count != 1 { return "--cpus \(count): a confidential guest has one processor; leave --cpus out" }
        if options.stats { return "--stats: a confidential guest's calls are not counted; leave --stats out" }
        if options.confidential.mode == .simulate, !options.confidential.certificates.isEmpty {
            return "--certs goes with --confidential=kvm; a simulated processor brings its certificates"
        }
        return nil
    }
}
