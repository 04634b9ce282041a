/// Something a hostile host does to a running guest through the protocol they share, beside what `HostDeviation` does to the launch and to memory. Each must end
/// the guest.
///
/// Numbers of events count from 0, per guest.
public enum GuestDeviation: Sendable, Equatable {
    /// SEV_STATUS reads as this.
    case securityStatus(UInt64)
    /// The versions of the GHCB protocol the host says it speaks.
    case protocolVersions(smallest: UInt16, largest: UInt16)
    /// The host does not offer SEV-SNP.
    case withoutSNPFeature
    /// Another GHCB page than the guest's is registered.
    case registerAnotherPage
    /// A page state change by the MSR is answered by an error.
    case refuseStateChange(Int)
    /// A list of page state changes is never finished.
    case stallStateList
    /// A list of page state changes comes back with another number of entries than it had, all of them done.
    case resizeStateList
    /// A list of page state changes is answered by an error code, and looks done.
    case refuseStateList
    /// An exit with the GHCB page is answered by an error.
    case failExit(Int)
    /// An exit with the GHCB page asks for an exception.
    case raiseByExit(Int, vector: UInt8)
    /// A guest request is answered by an error of the firmware, and not sent to it.
    case failRequest(Int, FirmwareError)
    /// A guest request is answered by "busy" so many times. A guest survives that, as long as it sends the same again.
    case busy(Int)
    /// A guest request comes back as its response.
    case reflectRequest(Int)
    /// The host says that it has given more certificates than were asked for.
    case overstateStreamCount
    /// The challenge is not one.
    case spoilChallenge
    /// An exception or interrupt arrives right behind an exit, with an error code if it is given one.
    case inject(atExit: Int, vector: UInt8, errorCode: UInt64?)
    /// An exception or interrupt arrives when a program is entered for this time.
    case injectIntoProgram(Int, vector: UInt8, errorCode: UInt64?)
    /// An exception arrives while the guest handles #VC, after its first instruction.
    case injectNested(vector: UInt8, errorCode: UInt64?)
    /// A page is taken from the guest and given back, so that it is not validated any more.
    case takeBack(atExit: Int, page: UInt64)
}
