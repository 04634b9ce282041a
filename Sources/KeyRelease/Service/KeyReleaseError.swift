/// Why secrets cannot be served at all; what a guest does wrong is in a ``ReleaseRecord``.
public struct KeyReleaseError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What it is about.
    public enum Kind: Sendable, Equatable {
        /// The secrets themselves.
        case secrets
        /// The relying party's own key.
        case identity
        /// The demands on the guest.
        case policy
        /// libcrypto, or the operating system.
        case system
        /// The address to listen at.
        case address
    }

    /// What it is about.
    public let kind: Kind
    /// A sentence that says what to do.
    public let description: String

    init(_ kind: Kind, _ description: String) { (self.kind, self.description) = (kind, description) }
}
