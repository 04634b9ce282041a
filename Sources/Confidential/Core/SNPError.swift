/// Why a launch, or a running encrypted guest, cannot go on: what was tried, what the kernel or the firmware answered, and what to do.
public struct SNPError: Error, Equatable, CustomStringConvertible, Sendable {
    /// The kind of failure, for decisions.
    public enum Kind: Equatable, Sendable {
        /// The plan contradicts itself or a rule of the firmware's interface.
        case plan
        /// The host lacks something that SEV-SNP needs.
        case requirement
        /// The kernel refused a call; errno(3).
        case kernel(Int32)
        /// The secure processor refused a command.
        case firmware(FirmwareError)
        /// A step came out of its order.
        case order
        /// The guest did something that makes going on pointless.
        case guest
    }

    /// The kind of failure.
    public let kind: Kind
    /// What was tried, for example "SNP_LAUNCH_UPDATE of page 0x1000".
    public let step: String
    /// What is wrong and what to do about it.
    public let advice: String

    /// A failure of `step`.
    public init(_ kind: Kind, _ step: String, _ advice: String) {
        self.kind = kind
        self.step = step
        self.advice = advice
    }

    /// "STEP: ADVICE".
    public var description: String {
        switch kind {
        case .kernel(let number): "\(step) failed with errno \(number): \(advice)"
        case .firmware(let error): "\(step) failed with \(error) of the secure processor: \(advice)"
        default: "\(step): \(advice)"
        }
    }
}
