extension Verification {
    /// Steps 2 and 3: the chain.
    mutating func checkCertificates() {
        checkBundle()
        checkRoot()
        let below = "signed by the root"
        if let intermediate = chain.intermediate {
            let holds = chain.root.map(intermediate.isSigned(by:)) ?? false
            note(.intermediateSignature, holds, expected: below, found: signature(of: intermediate, by: chain.root, holds, chain.missingRoot))
        } else {
            note(.intermediateSignature, false, expected: below, found: chain.missingIntermediate)
        }
        let profile = "X.509 v3, RSASSA-PSS with SHA-384, MGF1-SHA-384 and salt 48, RSA-4096, an authority"
        let faultsOfIntermediate = chain.intermediate.map { faults(ofAuthority: $0, issuer: chain.root, below: 0) }
        note(.intermediateProfile, faultsOfIntermediate, missing: chain.missingIntermediate, expected: profile)
        noteValidity(.intermediateValidity, chain.intermediate, missing: chain.missingIntermediate)

        let by = "signed by the ASK or ASVK"
        if let vek = chain.vek {
            let holds = chain.intermediate.map(vek.isSigned(by:)) ?? false
            note(.vekSignature, holds, expected: by, found: signature(of: vek, by: chain.intermediate, holds, chain.missingIntermediate))
        } else {
            note(.vekSignature, false, expected: by, found: chain.missingVEK)
        }
        let faultsOfVEK = chain.vek.map { faults(ofVEK: $0) }
        note(.vekProfile, faultsOfVEK, missing: chain.missingVEK, expected: "X.509 v3, RSASSA-PSS as above, P-384, no authority, AMD's extensions")
        noteValidity(.vekValidity, chain.vek, missing: chain.missingVEK)
    }

    private mutating func checkRoot() {
        let names = roots.roots.map { "\($0.name) \(Hexadecimal.text($0.digest.prefix(8)))..." }.joined(separator: ", ")
        if let root = chain.root {
            let pinned = roots.root(of: root)
            note(
                .rootPinned, pinned != nil, expected: "SHA-256 of the certificate: \(names)",
                found: "\(pinned?.name ?? name(root)) \(Hexadecimal.text(root.sha256))")
            let holds = root.isSigned(by: root)
            note(.rootSignature, holds, expected: "signed by itself", found: holds ? "it is" : "it is not")
        } else {
            note(.rootPinned, false, expected: "SHA-256 of the certificate: \(names)", found: chain.missingRoot)
            note(.rootSignature, false, expected: "signed by itself", found: chain.missingRoot)
        }
        let profile = "X.509 v3, RSASSA-PSS with SHA-384, MGF1-SHA-384 and salt 48, RSA-4096, an authority"
        let faultsOfRoot = chain.root.map { faults(ofAuthority: $0, issuer: $0, below: 1) }
        note(.rootProfile, faultsOfRoot, missing: chain.missingRoot, expected: profile)
        noteValidity(.rootValidity, chain.root, missing: chain.missingRoot)
    }

    /// Every certificate that was given, used or not: one that leads nowhere was altered, or somebody thinks it means something.
    private mutating func checkBundle() {
        var faults = bundle.faults
        for certificate in bundle.certificates where !leadsToRoot(certificate) {
            faults.append("\(name(certificate)) (\(certificate.kind.rawValue)) does not lead to a trusted root")
        }
        let kinds = bundle.certificates.map { name($0) }.joined(separator: ", ")
        let given = (kinds.isEmpty ? "none given" : kinds) + (bundle.revocationLists.isEmpty ? "" : ", revocation lists: \(bundle.revocationLists.count)")
        note(
            .certificates, faults.isEmpty, expected: "every certificate given can be read and leads to a trusted root",
            found: faults.isEmpty ? given : faults.joined(separator: "; "))
    }

    private func leadsToRoot(_ certificate: Certificate) -> Bool {
        let issuing: Certificate.Kind
        switch certificate.kind {
        case .root: return roots.root(of: certificate) != nil && certificate.isSigned(by: certificate)
        case .intermediate: issuing = .root
        case .vcek, .vlek: issuing = .intermediate
        case .unknown: return false
        }
        return (bundle.certificates + roots.builtIn).contains { $0.kind == issuing && certificate.isSigned(by: $0) && leadsToRoot($0) }
    }

    private mutating func note(_ name: Check.Name, _ faults: [String]?, missing: String, expected: String) {
        guard let faults else { return note(name, false, expected: expected, found: missing) }
        note(name, faults.isEmpty, expected: expected, found: faults.isEmpty ? "as expected" : faults.joined(separator: "; "))
    }

    private mutating func noteValidity(_ check: Check.Name, _ certificate: Certificate?, missing: String) {
        guard let certificate else { return note(check, false, expected: "valid at \(UTCTime.text(time))", found: missing) }
        let found = "from \(UTCTime.text(certificate.notBefore)) to \(UTCTime.text(certificate.notAfter))"
        if check == .vekValidity, !policy.refusesExpiredKey, certificate.notAfter < time {
            return note(check, true, expected: "not before its time: that it has expired is accepted", found: "expired: \(found)")
        }
        note(check, certificate.isValid(at: time), expected: "valid at \(UTCTime.text(time))", found: found)
    }

    private func faults(ofAuthority certificate: Certificate, issuer: Certificate?, below: Int) -> [String] {
        var faults = certificate.profile.faultsAsAuthority(authoritiesBelow: below)
        if let issuer, !certificate.profile.names(issuer.profile) { faults.append("its authority key identifier is not that of \(name(issuer))") }
        return faults
    }

    private func faults(ofVEK certificate: Certificate) -> [String] {
        var faults = certificate.profile.faultsAsEndorsement()
        guard let endorsement = certificate.endorsement else { return faults + ["none of AMD's extensions"] }
        faults += endorsement.malformed.map { "extension \($0) cannot be read" }
        if endorsement.productName == nil { faults.append("no product name") }
        if let issuer = chain.intermediate, !certificate.profile.names(issuer.profile) { faults.append("its authority key identifier is not that of \(name(issuer))") }
        if certificate.commonName != "SEV-\(certificate.kind.rawValue)" { faults.append("its common name is \(certificate.commonName ?? "missing")") }
        return faults
    }

    private func signature(of certificate: Certificate, by issuer: Certificate?, _ holds: Bool, _ missing: String) -> String {
        guard let issuer else { return missing }
        if holds { return "\(name(certificate)), signed by \(name(issuer))" }
        return "\(name(certificate)) is not signed by \(name(issuer)): one of them was altered, or they do not belong together"
    }

    private func name(_ certificate: Certificate?) -> String { certificate.map { $0.commonName ?? $0.subject } ?? "nothing" }
}
