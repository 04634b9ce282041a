import Monitor

/// What the host offers, judged: `skerry doctor`.
package struct DoctorReport: Sendable {
    package let facts: HostFacts
    package let checks: [DoctorCheck]

    /// Judges what was found.
    package init(_ facts: HostFacts) {
        self.facts = facts
        checks = facts.virtualisationChecks + facts.confidentialChecks + facts.memoryChecks + facts.kernelChecks
    }

    /// Looks at this host.
    package static func gather() -> DoctorReport { DoctorReport(.gather()) }

    /// Programs can be run here.
    package var canRun: Bool { !checks.contains { $0.status == .missing } }

    /// 0 when programs can be run, else 1.
    package var exitStatus: Int32 { canRun ? 0 : 1 }

    /// One line a check, then the verdict.
    package var text: String {
        let missing = checks.filter { $0.status == .missing }.map(\.name)
        let verdict = missing.isEmpty ? "skerry can run programs on this host" : "skerry cannot run programs on this host: \(missing.joined(separator: ", "))"
        return checks.map(\.text).joined(separator: "\n") + "\n" + verdict + "\n"
    }

    /// The same for scripts, with the numbers beside the words.
    package var json: String {
        let kind: JSONValue
        switch facts.probe {
        case .ran(.hardware): kind = .string("hardware")
        case .ran(.pageTable): kind = .string("page-table")
        case .notTried, .failed: kind = .null
        }
        let numbers: [(String, JSONValue)] = [
            ("hostKind", kind), ("kernel", .string(facts.kernelRelease)), ("kvmApiVersion", .optional(facts.kvm.map { Int64($0.apiVersion) })),
            ("maximumVCPUs", .optional(facts.kvm.map { Int64($0.maximumVCPUs) })), ("memorySlots", .optional(facts.kvm.map { Int64($0.memorySlots) })),
            ("vmTypes", .optional(facts.kvm.map { Int64($0.vmTypes) })), ("physicalAddressBits", .integer(Int64(facts.physicalAddressBits))),
            ("processors", .integer(Int64(facts.processors))), ("memoryBytes", .integer(Int64(clamping: facts.memoryTotal))),
            ("maximumMapCount", .optional(facts.maximumMapCount.map { Int64(clamping: $0) })),
            ("descriptorLimit", .integer(Int64(clamping: facts.descriptorLimit))), ("clockSource", .string(facts.clockSource)),
            (
                "capabilities",
                .object((facts.kvm?.capabilities ?? []).map { ($0.name, .bool($0.present)) })
            ),
        ]
        let members: [(String, JSONValue)] = [("canRun", .bool(canRun)), ("checks", .array(checks.map(\.json))), ("host", .object(numbers))]
        return JSONValue.object(members).text + "\n"
    }
}
