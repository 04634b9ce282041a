import SNPAttestation

/// A report as it is printed, by the field names of AMD's document.
struct ReportListing {
    private let rows: [(name: String, value: String)]

    init(_ report: AttestationReport) {
        rows = Self.identity(report) + Self.guest(report) + Self.platform(report)
    }

    var text: String {
        let width = rows.map(\.name.count).max() ?? 0
        return rows.map { $0.name + String(repeating: " ", count: width - $0.name.count) + "  " + $0.value + "\n" }.joined()
    }

    var fields: [String: String] { Dictionary(rows.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first }) }

    private static func identity(_ report: AttestationReport) -> [(String, String)] {
        let known = AttestationReport.knownVersions.contains(report.version) ? "" : " (unknown: the rest is a guess)"
        let key = report.keyInfo.signingKey?.rawValue ?? (report.keyInfo.signingKeyNumber == 7 ? "none" : "unknown (\(report.keyInfo.signingKeyNumber))")
        return [
            ("VERSION", "\(report.version)" + known),
            ("GUEST_SVN", "\(report.guestSVN)"),
            ("POLICY", policy(report.policy)),
            ("FAMILY_ID", Hexadecimal.text(report.familyID)),
            ("IMAGE_ID", Hexadecimal.text(report.imageID)),
            ("VMPL", report.vmpl <= 3 ? "\(report.vmpl)" : Hexadecimal.number(report.vmpl)),
            ("SIGNATURE_ALGO", report.signatureAlgorithm == 1 ? "1 (ECDSA P-384 with SHA-384)" : "\(report.signatureAlgorithm) (unknown)"),
            ("SIGNING_KEY", key),
            ("MASK_CHIP_KEY", report.keyInfo.masksChipKey ? "1" : "0"),
            ("AUTHOR_KEY_EN", report.keyInfo.hasAuthorKey ? "1" : "0"),
        ]
    }

    private static func guest(_ report: AttestationReport) -> [(String, String)] {
        [
            ("REPORT_DATA", Hexadecimal.text(report.reportData)),
            ("MEASUREMENT", Hexadecimal.text(report.measurement)),
            ("HOST_DATA", Hexadecimal.text(report.hostData)),
            ("ID_KEY_DIGEST", Hexadecimal.text(report.idKeyDigest)),
            ("AUTHOR_KEY_DIGEST", Hexadecimal.text(report.authorKeyDigest)),
            ("REPORT_ID", Hexadecimal.text(report.reportID)),
            ("REPORT_ID_MA", Hexadecimal.text(report.migrationAgentReportID)),
        ]
    }

    private static func platform(_ report: AttestationReport) -> [(String, String)] {
        var rows: [(String, String)] = []
        if let processor = report.processor { rows.append(("CPUID", "\(processor): \(report.product?.rawValue ?? "unknown")")) }
        // Reports of version 2 do not name their processor; Turin's are newer than that.
        let layout = (report.product ?? .milan).tcbLayout
        for (name, tcb) in [
            ("CURRENT_TCB", report.currentTCB), ("REPORTED_TCB", report.reportedTCB), ("COMMITTED_TCB", report.committedTCB), ("LAUNCH_TCB", report.launchTCB),
        ] {
            rows.append((name, "\(tcb.description(in: layout)) (\(Hexadecimal.number(tcb.rawValue)))"))
        }
        let info = report.platformInfo
        rows += [
            ("PLATFORM_INFO", "\(Hexadecimal.number(info.rawValue)): \(info.setNames.isEmpty ? "nothing" : info.setNames.joined(separator: ", "))"),
            ("CURRENT_VERSION", report.currentFirmware.description),
            ("COMMITTED_VERSION", report.committedFirmware.description),
            ("CHIP_ID", Hexadecimal.text(report.chipID)),
        ]
        if let launch = report.launchMitigations { rows.append(("LAUNCH_MIT_VECTOR", Hexadecimal.number(launch))) }
        if let current = report.currentMitigations { rows.append(("CURRENT_MIT_VECTOR", Hexadecimal.number(current))) }
        rows.append(("SIGNATURE_R", Hexadecimal.text(report.signature.prefix(72).reversed())))
        rows.append(("SIGNATURE_S", Hexadecimal.text(report.signature.dropFirst(72).prefix(72).reversed())))
        return rows
    }

    private static func policy(_ policy: GuestPolicy) -> String {
        var parts = ["ABI \(policy.abi)"]
        let bits: [(Bool, String)] = [
            (policy.allowsSMT, "SMT"), (policy.allowsMigrationAgent, "MIGRATE_MA"), (policy.allowsDebugging, "DEBUG"), (policy.requiresSingleSocket, "SINGLE_SOCKET"),
            (policy.allowsCXL, "CXL_ALLOW"), (policy.requiresAES256XTS, "MEM_AES_256_XTS"), (policy.requiresRAPLDisabled, "RAPL_DIS"),
            (policy.requiresCiphertextHiding, "CIPHERTEXT_HIDING"), (policy.requiresPageSwapDisabled, "PAGE_SWAP_DISABLE"),
            (!policy.reservedBitIsSet, "bit 17 is not set"),
        ]
        parts += bits.filter(\.0).map(\.1)
        if policy.unknownBits != 0 { parts.append("unknown \(Hexadecimal.number(policy.unknownBits))") }
        return "\(Hexadecimal.number(policy.rawValue)): \(parts.joined(separator: ", "))"
    }
}
