/// One question about a report, and its answer.
public struct Check: Sendable, Hashable {
    /// How it went.
    public enum Outcome: String, Sendable, Hashable {
        /// What was expected was found.
        case passed
        /// It was not, or could not be looked for because something it needs is missing.
        case failed
        /// Nothing was demanded; what was found is shown.
        case notDemanded = "not-demanded"
    }

    /// Which question.
    public let name: Name
    /// How it went.
    public let outcome: Outcome
    /// What was expected.
    public let expected: String
    /// What was found.
    public let found: String

    /// The questions. Their raw values are what `skerry attest verify` prints and what scripts may rely on.
    public enum Name: String, Sendable, Hashable, CaseIterable {
        /// The report has 1184 bytes.
        case reportLength = "report-length"
        /// Its version is one whose layout is known.
        case reportVersion = "report-version"
        /// It is signed with ECDSA P-384 and SHA-384.
        case signatureAlgorithm = "signature-algorithm"
        /// A VCEK or VLEK signed it, as the policy allows.
        case signingKey = "signing-key"
        /// The host did not forbid signing (MASK_CHIP_KEY).
        case chipKeyMask = "chip-key-mask"
        /// What surrounds r and s in the signature is zero.
        case signatureEncoding = "signature-encoding"
        /// The key of the VEK certificate signed the report's first 672 bytes.
        case reportSignature = "report-signature"
        /// Reserved bytes and bits are zero.
        case reservedBits = "reserved-bits"
        /// Everything that was given as a certificate is one, and leads to a trusted root.
        case certificates
        /// The root's digest is a pinned one.
        case rootPinned = "root-pinned"
        /// The root signed itself.
        case rootSignature = "root-signature"
        /// The root has the key, algorithm and extensions of an AMD root.
        case rootProfile = "root-profile"
        /// The root is valid at the time.
        case rootValidity = "root-validity"
        /// The root signed the intermediate (ASK, ASVK).
        case intermediateSignature = "intermediate-signature"
        /// The intermediate has the key, algorithm and extensions of AMD's.
        case intermediateProfile = "intermediate-profile"
        /// The intermediate is valid at the time.
        case intermediateValidity = "intermediate-validity"
        /// The intermediate signed the certificate of the key that signed the report (VEK).
        case vekSignature = "vek-signature"
        /// The VEK has the key, algorithm and extensions of AMD's.
        case vekProfile = "vek-profile"
        /// The VEK is valid at the time; without `refusesExpiredKey` it may have expired.
        case vekValidity = "vek-validity"
        /// Nothing in the chain is revoked.
        case revocation
        /// The chain's names, the VEK's product name and the report's processor belong together.
        case product
        /// The product is one the policy trusts.
        case trustedProduct = "trusted-product"
        /// The VEK certifies just the security versions of REPORTED_TCB.
        case reportedTCB = "reported-tcb"
        /// The VCEK is that of the report's chip; for a VLEK the report names none.
        case chipID = "chip-id"
        /// The VLEK names its cloud provider, one the policy trusts.
        case cspID = "csp-id"
        /// The TCB reaches the policy's floor.
        case tcbFloor = "tcb-floor"
        /// The mitigation vectors have the policy's bits.
        case mitigations
        /// The alias check was completed.
        case aliasCheck = "alias-check"
        /// PLATFORM_INFO is as the policy wants it.
        case platformInfo = "platform-info"
        /// Bit 17 of POLICY is set.
        case policyReservedBit = "policy-reserved-bit"
        /// POLICY is just what the policy wants.
        case guestPolicy = "guest-policy"
        /// The host may not debug the guest.
        case debug
        /// The guest has no migration agent.
        case migrationAgent = "migration-agent"
        /// Simultaneous multithreading.
        case smt
        /// A single socket.
        case singleSocket = "single-socket"
        /// The lowest ABI version.
        case abiVersion = "abi-version"
        /// The privilege level that asked.
        case vmpl
        /// The launch digest.
        case measurement
        /// HOST_DATA.
        case hostData = "host-data"
        /// REPORT_DATA.
        case reportData = "report-data"
        /// ID_KEY_DIGEST.
        case idKeyDigest = "id-key-digest"
        /// AUTHOR_KEY_DIGEST.
        case authorKeyDigest = "author-key-digest"
        /// FAMILY_ID.
        case familyID = "family-id"
        /// IMAGE_ID.
        case imageID = "image-id"
        /// GUEST_SVN.
        case guestSVN = "guest-svn"
    }
}
