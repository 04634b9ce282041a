/// The KVM back end over a transcript: the very code that runs on hardware, on a host without it.
public final class RecorderBackend: SNPBackend {
    /// "recorder".
    public let name = "recorder"
    /// What answers.
    public let kernel: ReplayingKernel
    /// The code under the transcript, for what comes after the launch.
    public let machine: KVMBackend

    /// A launch that the transcript has recorded.
    ///
    /// - Throws: `plan` for a text that is no transcript.
    public init(transcript: String) throws(SNPError) {
        kernel = try ReplayingKernel(transcript: transcript)
        machine = KVMBackend(kernel: kernel)
    }

    /// As `KVMBackend`.
    public func createMachine(_ features: VMSAFeatures) throws(SNPError) { try machine.createMachine(features) }
    /// As `KVMBackend`.
    public func addMemory(_ region: GuestRegion) throws(SNPError) { try machine.addMemory(region) }
    /// As `KVMBackend`.
    public func setPrivate(_ addresses: Range<UInt64>, _ isPrivate: Bool) throws(SNPError) { try machine.setPrivate(addresses, isPrivate) }
    /// As `KVMBackend`.
    public func startLaunch(_ policy: GuestPolicy, visibleWorkarounds: [UInt8]) throws(SNPError) { try machine.startLaunch(policy, visibleWorkarounds: visibleWorkarounds) }
    /// As `KVMBackend`.
    public func load(_ run: LaunchRun) throws(SNPError) -> LoadOutcome { try machine.load(run) }
    /// As `KVMBackend`.
    public func createProcessor(_ processor: LaunchProcessor, cpuid: CPUIDPage?) throws(SNPError) { try machine.createProcessor(processor, cpuid: cpuid) }
    /// As `KVMBackend`.
    public func finishLaunch(_ finish: LaunchFinish) throws(SNPError) { try machine.finishLaunch(finish) }
}
