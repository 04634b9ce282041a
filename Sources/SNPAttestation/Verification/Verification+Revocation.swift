extension Verification {
    /// Revocation lists, when given: each must be genuine and current, at least one must be of the chain's root, and none may list what is used.
    mutating func checkRevocation() {
        guard !bundle.revocationLists.isEmpty else {
            if policy.revocationListRequired {
                note(.revocation, false, expected: "a revocation list of the root", found: "none was given")
            } else {
                show(.revocation, found: "no revocation list was given")
            }
            return
        }
        let used = [chain.root, chain.intermediate].compactMap(\.self)
        let authorities = used + bundle.certificates.filter { $0.kind == .root || $0.kind == .intermediate } + roots.builtIn
        var faults: [String] = []
        var isRootsAmongThem = false
        for (number, list) in bundle.revocationLists.enumerated() {
            let place = "list \(number + 1)"
            guard let issuer = authorities.first(where: { list.isSigned(by: $0) && isTrusted($0) }) else {
                faults.append("\(place) is not signed by a trusted authority with RSASSA-PSS as AMD uses it")
                continue
            }
            if let extensions = list.unusableExtensions.first { faults.append("\(place) has the critical extension \(extensions): it does not say all") }
            if !list.isCurrent(at: time) {
                faults.append("\(place) is of \(UTCTime.text(list.thisUpdate)), to be renewed by \(list.nextUpdate.map(UTCTime.text) ?? "no given time")")
            }
            if list.nextUpdate == nil { faults.append("\(place) does not say when the next one is due") }
            if issuer == chain.root { isRootsAmongThem = true }
            for certificate in [chain.root, chain.intermediate, chain.vek].compactMap(\.self)
            where certificate.issuerName == list.issuerName && list.lists(certificate) {
                faults.append("\(certificate.commonName ?? certificate.subject), serial number \(Hexadecimal.text(certificate.serialNumber)), is revoked")
            }
        }
        if !isRootsAmongThem { faults.append("none of the lists is of the chain's root, \(chain.root?.commonName ?? "which is missing")") }
        note(
            .revocation, faults.isEmpty, expected: "signed and current lists, one of them the root's, that do not list the chain",
            found: faults.isEmpty ? "\(bundle.revocationLists.count) list(s); nothing of the chain is listed" : faults.joined(separator: "; "))
    }

    /// A pinned root, or what a pinned root at hand signed.
    private func isTrusted(_ authority: Certificate) -> Bool {
        if authority.kind == .root { return roots.root(of: authority) != nil }
        return ([chain.root].compactMap(\.self) + bundle.certificates + roots.builtIn).contains { root in
            root.kind == .root && roots.root(of: root) != nil && authority.isSigned(by: root)
        }
    }
}
