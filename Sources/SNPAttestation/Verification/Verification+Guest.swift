extension Verification {
    /// Step 5, the guest's policy and privilege level.
    mutating func checkGuestPolicy() {
        let guest = report.policy
        note(.policyReservedBit, guest.reservedBitIsSet, expected: "1", found: guest.reservedBitIsSet ? "1" : "0")
        if let wanted = policy.guestPolicy {
            note(.guestPolicy, guest.rawValue == wanted, expected: Hexadecimal.number(wanted), found: Hexadecimal.number(guest.rawValue))
        } else {
            show(.guestPolicy, found: Hexadecimal.number(guest.rawValue))
        }
        demand(.debug, policy.debug, guest.allowsDebugging)
        demand(.migrationAgent, policy.migrationAgent, guest.allowsMigrationAgent)
        demand(.smt, policy.smt, guest.allowsSMT)
        demand(.singleSocket, policy.singleSocket, guest.requiresSingleSocket)
        if let lowest = policy.minimumABI {
            note(.abiVersion, guest.abi >= lowest, expected: "at least \(lowest)", found: guest.abi.description)
        } else {
            show(.abiVersion, found: guest.abi.description)
        }
        let levels = policy.vmpls.sorted().map(String.init).joined(separator: " or ")
        let isGuests = report.vmpl <= 3
        note(
            .vmpl, isGuests && policy.vmpls.contains(report.vmpl), expected: levels.isEmpty ? "none" : levels,
            found: isGuests ? "\(report.vmpl)" : "\(Hexadecimal.number(report.vmpl)): no guest asked for it")
    }

    private mutating func demand(_ name: Check.Name, _ demand: AttestationPolicy.Demand, _ isSet: Bool) {
        let found = isSet ? "allowed or demanded by POLICY" : "not in POLICY"
        switch demand {
        case .any: show(name, found: found)
        case .required: note(name, isSet, expected: "in POLICY", found: found)
        case .forbidden: note(name, !isSet, expected: "not in POLICY", found: found)
        }
    }

    /// Step 5, what the guest is.
    mutating func checkGuest() {
        compare(.measurement, policy.measurements, report.measurement)
        compare(.hostData, policy.hostData.map { [$0] } ?? [], report.hostData)
        compare(.reportData, policy.reportData.map { [$0] } ?? [], report.reportData)
        compare(.idKeyDigest, policy.idKeyDigests, report.idKeyDigest)
        if !policy.authorKeyDigests.isEmpty && !report.keyInfo.hasAuthorKey {
            note(.authorKeyDigest, false, expected: policy.authorKeyDigests.map { Hexadecimal.text($0) }.joined(separator: " or "), found: "no author key")
        } else {
            compare(.authorKeyDigest, policy.authorKeyDigests, report.authorKeyDigest)
        }
        compare(.familyID, policy.familyID.map { [$0] } ?? [], report.familyID)
        compare(.imageID, policy.imageID.map { [$0] } ?? [], report.imageID)
        if let lowest = policy.minimumGuestSVN {
            note(.guestSVN, report.guestSVN >= lowest, expected: "at least \(lowest)", found: "\(report.guestSVN)")
        } else {
            show(.guestSVN, found: "\(report.guestSVN)")
        }
    }

    private mutating func compare(_ name: Check.Name, _ wanted: [[UInt8]], _ bytes: [UInt8]) {
        let found = Hexadecimal.text(bytes)
        if wanted.isEmpty { return show(name, found: found) }
        note(name, wanted.contains(bytes), expected: wanted.map { Hexadecimal.text($0) }.joined(separator: " or "), found: found)
    }
}
