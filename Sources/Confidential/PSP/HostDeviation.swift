/// Something a hostile host does that an honest one does not. A guest, or whoever verifies its report, has to notice each.
///
/// Numbers of events count from 0, per guest.
public enum HostDeviation: Sendable, Equatable {
    /// One bit of a page is another when it is launched.
    case flipLaunchedBit(address: UInt64, bit: Int)
    /// A page is not launched at all.
    case dropLaunchedPage(UInt64)
    /// Two pages are launched in the other order; the first named is the earlier in the plan.
    case swapLaunchedPages(UInt64, UInt64)
    /// A page is launched as another type.
    case changeLaunchedType(address: UInt64, LaunchPageType)
    /// A page is launched a second time.
    case launchTwice(UInt64)
    /// A leaf of the CPUID page is another: bits of a register (0 EAX to 3 EDX) are inverted before the firmware checks the page.
    case lieInCPUID(function: UInt32, index: UInt32, register: Int, bits: UInt32)
    /// The host data in the report is another.
    case changeHostData([UInt8])
    /// After the launch, an address of the guest leads to the page of another.
    case remap(UInt64, to: UInt64)
    /// A page state change that the guest asked for is reported as done, but is not.
    case dropPageStateChange(Int)
    /// A page state change is done twice.
    case duplicatePageStateChange(Int)
    /// PVALIDATE reports that nothing changed (CF=1).
    case reportUnchanged(Int)
    /// A guest request is answered by the response to the one before.
    case replayResponse(Int)
    /// The response to a guest request ends after so many bytes; the rest is zero.
    case truncateResponse(Int, bytes: Int)
    /// One bit of the response to a guest request is another.
    case flipResponseBit(Int, bit: Int)
    /// One bit of the header of the response to a guest request is another, and the response is rightly sealed nevertheless: a secure processor that errs, as no host
    /// without the key can. What the tag covers is checked beyond the tag.
    case resealResponse(Int, bit: Int)
}
