extension Verification {
    /// Step 3: what the VEK's extensions certify is what the report says.
    mutating func checkEndorsement() {
        checkProduct()
        checkReportedTCB()
        checkChipID()
        checkCSPID()
    }

    private mutating func checkProduct() {
        let names = Product.allCases.map(\.rawValue).joined(separator: ", ")
        let trusted = Product.allCases.filter(policy.products.contains).map(\.rawValue).joined(separator: ", ")
        var statements: [(source: String, product: Product?, text: String)] = []
        if let certificate = chain.vek?.endorsement {
            let name = certificate.productName ?? "none"
            statements.append(("certificate", Product(certificateName: name), name))
        }
        if let processor = report.processor { statements.append(("report", Product(processor: processor), processor.description)) }
        for (source, certificate) in [("issuer", chain.intermediate), ("root", chain.root)] {
            // Roots of tests may be called what they like.
            guard let name = certificate?.commonName, roots.areAMDs else { continue }
            let last = name.split(separator: "-").last.map(String.init) ?? name
            statements.append((source, Product(certificateName: last), name))
        }
        let found = statements.map { "\($0.source): \($0.text)" }.joined(separator: "; ")
        let agreed = statements.first.flatMap { first in first.product.flatMap { product in statements.allSatisfy { $0.product == product } ? product : nil } }
        let holds = agreed != nil && chain.vek != nil
        note(.product, holds, expected: "one of \(names), the same everywhere", found: chain.vek == nil ? chain.missingVEK : found)
        let isTrusted = agreed.map(policy.products.contains) ?? false
        note(.trustedProduct, isTrusted, expected: trusted.isEmpty ? "none" : trusted, found: agreed?.rawValue ?? "no product agreed on")
    }

    private mutating func checkReportedTCB() {
        let layout = certifiedProduct?.tcbLayout
        guard let endorsement = chain.vek?.endorsement, let layout else {
            return note(
                .reportedTCB, false, expected: Hexadecimal.number(report.reportedTCB.rawValue),
                found: chain.vek == nil ? chain.missingVEK : "the certificate names no known product, so that the layout is not known")
        }
        var certified: [String] = [], holds = true
        for (component, byte) in layout.positions {
            let version = endorsement.securityVersions[component.certifiedAs]
            certified.append("\(component.rawValue) \(version.map(String.init) ?? "missing")")
            holds = holds && version == report.reportedTCB.byte(byte)
        }
        if layout == .beforeTurin {
            // The certificate has the reserved components as well, as 1.3.4 to 1.3.7.
            for byte in 2...5 {
                guard let version = endorsement.securityVersions[byte + 2], version != report.reportedTCB.byte(byte) else { continue }
                certified.append("reserved \(byte + 2) \(version)")
                holds = false
            }
        }
        note(.reportedTCB, holds, expected: report.reportedTCB.description(in: layout), found: certified.joined(separator: ", "))
    }

    private mutating func checkChipID() {
        guard let vek = chain.vek, let endorsement = vek.endorsement else {
            return note(.chipID, false, expected: Hexadecimal.text(report.chipID), found: chain.missingVEK)
        }
        if vek.kind == .vlek {
            let isZero = report.chipID.allSatisfy { $0 == 0 }
            let found = (isZero ? "zero" : Hexadecimal.text(report.chipID)) + (endorsement.hardwareID == nil ? "" : ", and the VLEK names a chip")
            let holds = (isZero || policy.vlekReportsMayNameChip) && endorsement.hardwareID == nil
            return note(.chipID, holds, expected: policy.vlekReportsMayNameChip ? "anything: a VLEK is no chip's" : "zero: a VLEK is no chip's", found: found)
        }
        let length = certifiedProduct?.hardwareIDLength ?? 64
        let expected = Array(report.chipID.prefix(length))
        let isMasked = expected.allSatisfy { $0 == 0 }
        let found = endorsement.hardwareID.map { Hexadecimal.text($0) } ?? "the certificate names no chip"
        note(
            .chipID, endorsement.hardwareID == expected && !isMasked,
            expected: isMasked ? "a chip: the host masks it in the report, which then cannot be told from another machine's" : Hexadecimal.text(expected), found: found)
    }

    private mutating func checkCSPID() {
        guard let vek = chain.vek, vek.kind == .vlek else {
            if policy.cspIDs.isEmpty { return show(.cspID, found: "not a VLEK") }
            return note(.cspID, false, expected: policy.cspIDs.sorted().joined(separator: " or "), found: chain.vek == nil ? chain.missingVEK : "not a VLEK")
        }
        let expected = policy.cspIDs.isEmpty ? "a cloud provider" : policy.cspIDs.sorted().joined(separator: " or ")
        let cspID = vek.endorsement?.cspID
        note(.cspID, cspID.map { policy.cspIDs.isEmpty || policy.cspIDs.contains($0) } ?? false, expected: expected, found: cspID ?? "the certificate names none")
    }
}
