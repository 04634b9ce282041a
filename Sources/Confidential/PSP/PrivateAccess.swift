/// What an access of a guest to private memory comes to.
public enum PrivateAccess: Equatable, Sendable {
    /// It succeeds.
    case allowed
    /// #VC with error code 0x404: the page was not validated.
    case notValidated
    /// The nested page fault goes to the host: the page is not the guest's at this address.
    case nestedFault
}

/// What PVALIDATE comes to (AMD APM volume 3).
public enum PageValidation: Equatable, Sendable {
    /// The entry was changed.
    case changed
    /// CF=1: the entry was so already. A guest that did not do that itself is being deceived.
    case unchanged
    /// The nested page fault goes to the host.
    case nestedFault
}
