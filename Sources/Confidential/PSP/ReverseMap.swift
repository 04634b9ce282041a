/// The reverse map table (AMD APM volume 2, 15.36.3): for each page of the machine's memory, whose it is. Pages are named by their number.
struct ReverseMap: Sendable {
    /// One entry. Missing ones are the host's.
    struct Entry: Sendable, Equatable {
        /// The page belongs to a guest, or to the firmware when `isImmutable`.
        var isAssigned = false
        /// The guest has accepted it.
        var isValidated = false
        /// The host may not change the entry: the firmware is working on the page.
        var isImmutable = false
        /// The address-space identifier of the guest.
        var asid: UInt32 = 0
        /// Where the guest sees it.
        var address: UInt64 = 0
        /// It holds the registers of a processor.
        var isVMSA = false
        /// What VMPL0 to VMPL3 may do with it.
        var permissions: [UInt8] = [0, 0, 0, 0]
    }

    private var entries: [UInt64: Entry] = [:]

    subscript(page: UInt64) -> Entry { entries[page] ?? Entry() }

    /// RMPUPDATE by the host; false when the entry is immutable. The page loses its validation, whatever it was.
    mutating func update(_ page: UInt64, to entry: Entry) -> Bool {
        guard !self[page].isImmutable else { return false }
        var new = entry
        new.isValidated = false
        entries[page] = new.isAssigned ? new : nil
        return true
    }

    /// What the firmware does with an entry.
    mutating func set(_ page: UInt64, _ change: (inout Entry) -> Void) {
        var entry = self[page]
        change(&entry)
        entries[page] = entry
    }

    /// PVALIDATE by a guest, of the page that the host's nested page table gives it for an address.
    mutating func validate(_ page: UInt64, asid: UInt32, address: UInt64, _ isValid: Bool) -> PageValidation {
        let entry = self[page]
        guard entry.isAssigned, !entry.isImmutable, entry.asid == asid, entry.address == address else { return .nestedFault }
        guard entry.isValidated != isValid else { return .unchanged }
        set(page) { entry in
            entry.isValidated = isValid
            entry.permissions[0] = isValid ? 0xF : 0
        }
        return .changed
    }

    /// RMPADJUST by VMPL0 of a guest for a less privileged level; false when the page is not its own and validated.
    mutating func adjust(_ page: UInt64, asid: UInt32, address: UInt64, level: Int, permissions: UInt8) -> Bool {
        guard (1...3).contains(level), access(page, asid: asid, address: address) == .allowed else { return false }
        set(page) { $0.permissions[level] = permissions }
        return true
    }

    /// An access of a guest with the encryption bit.
    func access(_ page: UInt64, asid: UInt32, address: UInt64) -> PrivateAccess {
        let entry = self[page]
        guard entry.isAssigned, !entry.isImmutable, entry.asid == asid, entry.address == address else { return .nestedFault }
        return entry.isValidated ? .allowed : .notValidated
    }
}
