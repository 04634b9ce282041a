/// What the host did that no honest host does.
public enum RingViolation: UInt8, Sendable, CaseIterable {
    /// A response to something else than the request.
    case tag = 1
    /// A status that there is not, or not for this operation.
    case status
    /// More payload than was asked for, or less than has to be, or payload where there is none.
    case length
    /// A result outside its range: more bytes taken than were given, events nobody waits for.
    case result
    /// A frequency or a time that cannot be.
    case clock
    /// A block of the root image is not the one that the manifest names.
    case image
    /// The manifest is not the one whose digest was launched, or is malformed.
    case manifest
    /// What a call of the proxy gives is malformed, or an error that it never has.
    case answer
    /// A block of the sealed store is not the one that the guest has sealed.
    case store
}
