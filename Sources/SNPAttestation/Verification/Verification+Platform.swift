extension Verification {
    /// Step 6: the state of the machine.
    mutating func checkPlatform() {
        checkTCBFloor()
        checkMitigations()
        let info = report.platformInfo
        let isChecked = info.contains(.aliasCheckComplete)
        if policy.aliasCheckRequired {
            note(.aliasCheck, isChecked, expected: "complete", found: isChecked ? "complete" : "not complete")
        } else {
            show(.aliasCheck, found: isChecked ? "complete" : "not complete")
        }
        let names = info.setNames.isEmpty ? "nothing" : info.setNames.joined(separator: ", ")
        if policy.platformInfoRequired.isEmpty && policy.platformInfoForbidden.isEmpty { return show(.platformInfo, found: names) }
        var demands: [String] = []
        if !policy.platformInfoRequired.isEmpty { demands.append("with " + policy.platformInfoRequired.setNames.joined(separator: ", ")) }
        if !policy.platformInfoForbidden.isEmpty { demands.append("without " + policy.platformInfoForbidden.setNames.joined(separator: ", ")) }
        let holds = info.isSuperset(of: policy.platformInfoRequired) && info.isDisjoint(with: policy.platformInfoForbidden)
        note(.platformInfo, holds, expected: demands.joined(separator: ", "), found: names)
    }

    private mutating func checkTCBFloor() {
        guard !policy.tcbFloors.isEmpty else {
            return show(.tcbFloor, found: product.map { report.reportedTCB.description(in: $0.tcbLayout) } ?? Hexadecimal.number(report.reportedTCB.rawValue))
        }
        guard let product else { return note(.tcbFloor, false, expected: "a floor for the product", found: "no product agreed on") }
        guard let floor = policy.tcbFloors[product] else {
            return show(.tcbFloor, found: "\(product.rawValue): \(report.reportedTCB.description(in: product.tcbLayout))")
        }
        let layout = product.tcbLayout
        let all: [(AttestationPolicy.TCB, TCBVersion)] = [
            (.reported, report.reportedTCB), (.current, report.currentTCB), (.committed, report.committedTCB), (.launch, report.launchTCB),
        ]
        let compared = all.filter { policy.tcbFloorsApplyTo.contains($0.0) }
        // A floor for a component that the product does not have cannot be reached.
        let holds = compared.allSatisfy { tcb in floor.allSatisfy { component, lowest in tcb.1.value(of: component, in: layout).map { $0 >= lowest } ?? false } }
        let components = TCBVersion.Component.allCases.compactMap { component in floor[component].map { "\(component.rawValue) \($0)" } }
        note(
            .tcbFloor, holds && !compared.isEmpty, expected: "\(product.rawValue), at least: \(components.joined(separator: ", "))",
            found: compared.map { "\($0.0.rawValue): \($0.1.description(in: layout))" }.joined(separator: "; "))
    }

    private mutating func checkMitigations() {
        func text(_ vector: UInt64?) -> String { vector.map(Hexadecimal.number) ?? "not reported before version 5" }
        let found = "launch \(text(report.launchMitigations)), current \(text(report.currentMitigations))"
        guard policy.launchMitigations != 0 || policy.currentMitigations != 0 else { return show(.mitigations, found: found) }
        func holds(_ floor: UInt64, _ vector: UInt64?) -> Bool { floor == 0 || (vector.map { $0 & floor == floor } ?? false) }
        note(
            .mitigations, holds(policy.launchMitigations, report.launchMitigations) && holds(policy.currentMitigations, report.currentMitigations),
            expected: "the bits launch \(Hexadecimal.number(policy.launchMitigations)), current \(Hexadecimal.number(policy.currentMitigations))", found: found)
    }
}
