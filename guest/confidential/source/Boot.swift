import Platform

/// The boot, in its order. The measured registers page has done what comes before: page tables, stack, descriptor tables with a handler for every vector.
@_cdecl("skerry_main")
public func main() {
    SecurityStatus.check()
    HostProtocol.negotiate()
    CPUIDTable.check()
    PageStates.begin()
    PageStates.share(Layout.ghcb)
    HostProtocol.registerPage()
    PageStates.share(Layout.evidence)
    PageStates.share(Layout.request)
    PageStates.share(Layout.response)
    SecureProcessor.takeKey()
    skerry_frames_begin(Platform.ramSize)
    let order = Attestation.run()
    if order.hasWorkload {
        for page in 0..<Layout.ringPages { PageStates.share(Layout.ring + page << 12) }
        skerry_take_calls(UInt64(SKERRY_GUEST_TABLES) | Platform.encryption)
        Workload.report(Workload.run(hostData: order.hostData))
    }
    skerry_terminate(UInt32(SKERRY_TERMINATED_SUCCESS), 0)
}

/// For `frames.c`.
@_cdecl("skerry_accept_step")
public func acceptStep() -> Int32 { PageStates.accept() == nil ? 0 : 1 }

/// For `frames.c`.
@_cdecl("skerry_ram_size")
public func ramSize() -> UInt64 { Platform.ramSize }

/// Ends the guest. Nothing goes on after a doubt.
func refuse(_ reason: skerry_refusal) -> Never { skerry_terminate(UInt32(SKERRY_TERMINATED_REFUSING), reason.rawValue) }

/// SEV_STATUS (APM volume 2, 15.34.10), which no host can intercept.
enum SecurityStatus {
    /// SEV, SEV-ES and SEV-SNP.
    private static var required: UInt64 { 0b111 }
    /// Beside these: debug registers swapped, no sampling by the host, secure time stamp counter. Other features need a guest that was written for them.
    private static var known: UInt64 { required | 1 << 7 | 1 << 8 | 1 << 11 }

    static func check() {
        let status = skerry_sev_status()
        if status & required != required || status & ~known != 0 { refuse(skerry_refusal_status) }
    }
}
