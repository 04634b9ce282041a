public import SNPAttestation

/// What became of one guest's wish for secrets: for the relying party's operator. The guest, and so its host, learns nothing of it but that it was refused.
public struct ReleaseRecord: Sendable, Hashable {
    /// How a conversation ended.
    public enum Outcome: Sendable, Hashable {
        /// The guest has opened the secrets, and proved it.
        case confirmed
        /// The secrets were sent; that the guest has them is not proved. Nobody else can open them.
        case unconfirmed(String)
        /// Nothing was sent: a check failed.
        case refused
        /// Nothing was sent: the conversation did not come that far.
        case interrupted(String)
    }

    /// One question about the guest, and its answer.
    public struct Item: Sendable, Hashable {
        /// The name: that of ``SNPAttestation/Check/Name``, or `message`, `guest-key`, `manifest`.
        public let name: String
        /// How it went.
        public let outcome: Check.Outcome
        /// What was expected.
        public let expected: String
        /// What was found.
        public let found: String
    }

    /// How it ended.
    public internal(set) var outcome: Outcome
    /// Every check that was made, those of the report last.
    public internal(set) var checks: [Item] = []
    /// The verdict on the report; nil when there was none.
    public internal(set) var verdict: Verdict?
    /// The manifest that the guest sent; empty when it sent none. It is the host's word unless the check `manifest` passed.
    public internal(set) var manifest: [UInt8] = []

    /// Whether the secrets were given away.
    public var isReleased: Bool {
        switch outcome {
        case .confirmed, .unconfirmed: true
        case .refused, .interrupted: false
        }
    }
    /// The checks that failed.
    public var failures: [Item] { checks.filter { $0.outcome == .failed } }

    mutating func note(_ name: String, _ holds: Bool?, expected: String, found: String) {
        checks.append(Item(name: name, outcome: holds.map { $0 ? .passed : .failed } ?? .notDemanded, expected: expected, found: found))
    }
}
