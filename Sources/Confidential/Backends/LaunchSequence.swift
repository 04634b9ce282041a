/// What a launch did beyond the plan.
public struct LaunchRecord: Sendable, Equatable {
    /// The predicted measurement.
    public var measurement: LaunchDigest
    /// The CPUID page as it was loaded.
    public var cpuid: CPUIDPage?
    /// What the firmware changed in the CPUID page, a line for each register; empty when it took the page as it was.
    public var cpuidCorrections: [String] = []
}

/// The one order in which a guest is launched, whatever the back end. Read it from top to bottom: this is the boot.
public struct LaunchSequence: Sendable {
    /// What is launched.
    public let plan: LaunchPlan

    /// The launch of a plan.
    ///
    /// - Throws: `plan` for a plan that contradicts itself.
    public init(_ plan: LaunchPlan) throws(SNPError) {
        try plan.validate()
        self.plan = plan
    }

    /// Launches the guest.
    ///
    /// - Throws: the back end's error; the launch is over then.
    public func launch(on backend: some SNPBackend) throws(SNPError) -> LaunchRecord {
        var record = LaunchRecord(measurement: plan.measurement)
        try backend.createMachine(plan.features)
        for region in plan.effectiveMemory { try backend.addMemory(region) }
        for run in plan.runs { try backend.setPrivate(run.addresses, true) }
        try backend.startLaunch(plan.policy, visibleWorkarounds: plan.visibleWorkarounds)
        for run in plan.runs { try load(run, on: backend, &record) }
        for processor in plan.processors { try backend.createProcessor(processor, cpuid: record.cpuid) }
        try backend.finishLaunch(LaunchFinish(plan))
        return record
    }

    /// A CPUID page may have to be loaded a second time, as the firmware corrected it. Not a third time: then firmware and page do not agree at all.
    private func load(_ run: LaunchRun, on backend: some SNPBackend, _ record: inout LaunchRecord) throws(SNPError) {
        if run.type == .cpuid { record.cpuid = try CPUIDPage(page: run.page(0)) }
        guard case .corrected(let page) = try backend.load(run) else { return }
        let corrected = try CPUIDPage(page: page)
        record.cpuidCorrections = record.cpuid.map { corrected.differences(from: $0) } ?? []
        record.cpuid = corrected
        guard case .corrected = try backend.load(LaunchRun(.cpuid, at: run.address, contents: page)) else { return }
        throw SNPError(
            .firmware(.invalidParameter), "SNP_LAUNCH_UPDATE of the CPUID page",
            "the firmware refuses its own correction too (\(record.cpuidCorrections.joined(separator: "; "))); leave these leaves out")
    }
}
