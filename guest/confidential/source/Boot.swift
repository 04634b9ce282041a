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
    PageStates.share(Layout.ring)
    PageStates.share(Layout.request)
    PageStates.share(Layout.response)
    SecureProcessor.takeKey()
    PageStates.accept(Layout.ram, pages: Platform.ramSize >> 12)
    Attestation.run()
    skerry_terminate(UInt32(SKERRY_TERMINATED_SUCCESS), 0)
}

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
