internal import ConfidentialABI

/// How a simulated guest ended.
public enum GuestEnd: Sendable, Equatable {
    /// It did what it is for.
    case succeeded
    /// It refused to go on.
    case refused(GuestRefusal)
    /// An exception or interrupt that it does not own ended it.
    case endedByVector(UInt8)
    /// It asked to be ended for a reason that this version does not know.
    case terminated(set: UInt8, code: UInt8)
    /// The host has taken memory away, so that it cannot run any more: on hardware a nested page fault without end.
    case starved(UInt64)
    /// Its evidence was not accepted, and its manifest was not handed out.
    case distrusted
    /// The host has ended it.
    case stopped
    /// It crashed: no handler could be entered.
    case crashed

    init(terminationRequest value: UInt64) {
        let (set, code) = (UInt8(value >> 12 & 0xF), UInt8(value >> 16 & 0xFF))
        switch Int32(set) {
        case SKERRY_TERMINATED_SUCCESS where code == 0: self = .succeeded
        case SKERRY_TERMINATED_BY_VECTOR: self = .endedByVector(code)
        case SKERRY_TERMINATED_REFUSING: self = GuestRefusal(rawValue: code).map { .refused($0) } ?? .terminated(set: set, code: code)
        default: self = .terminated(set: set, code: code)
        }
    }
}

/// Why a guest refused (`enum skerry_refusal` of `confidential_abi.h`, where each is explained).
public enum GuestRefusal: UInt8, Sendable, CaseIterable {
    /// SEV_STATUS; the GHCB protocol; the encryption bit; the registered page.
    case securityStatus = 1, protocolVersion, encryptionBit, registration
    /// A page state change; PVALIDATE failed, or changed nothing; a page accepted twice.
    case pageState, validation, unchanged, accounting
    /// An exit was answered by an error; a guest request failed; its response or the report is not the right one.
    case exit, request, response, report
    /// #VC: another code; no CPUID instruction.
    case exceptionCode, exceptionInstruction
    /// A CPUID leaf is missing; no randomness; the cryptographic library; no keys.
    case cpuid = 16, randomness, cryptography, secrets
    /// The stack; the challenge; what cannot be.
    case stack, challenge, unreachable
    /// There is not as much RAM as the guest needs; an answer of the host by the ring; the root image; the manifest; the byte stream; the sealed store.
    case memory, ring, rootImage, manifest, stream, store
}
