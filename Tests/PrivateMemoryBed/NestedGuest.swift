internal import Confidential
internal import PrivateMemoryGuest

/// A guest of the guest, which takes memory for the kind that it is not.
///
/// In a software-protected machine the attributes decide of which kind an access is, so that no access of its guest can ever be of the other kind. The access of
/// a nested guest can: KVM takes the attributes of the *nested* guest-physical address for the access (`kvm_mmu_page_fault`, whose comment says so), but compares
/// it with those of the page to which the nested page tables lead. So an address of `privateViews`, which is private, that leads to shared memory is what an
/// encrypted guest's access with the encryption bit is: a private access to a shared page.
struct NestedGuest {
    /// Nested guest-physical: the private view of `tested`, a private view of addresses without memory, and the shared view of `tested`.
    static let privateView = Guest.privateViews.address
    static let nowhereView = Guest.privateViews.address + 0x20_0000
    static let sharedView: UInt64 = 0xC0_0000
    /// Where `nowhereView` leads.
    static let nowhere: UInt64 = 0x4000_0000

    private static let controlBlock: UInt64 = 0x1_0000
    private static let pageTables: UInt64 = 0x1_1000
    /// The exit code of VMMCALL.
    private static let expectedExit: UInt64 = 0x81

    let guest: Guest

    init(in guest: Guest) throws {
        self.guest = guest
        try guest.memory.setPrivate(Guest.privateViews.address..<Guest.privateViews.address + Guest.privateViews.size, true)
        let (second, third) = (Self.pageTables + Guest.page, Self.pageTables + 2 * Guest.page)
        guest.memory.write(second | 0x27, at: Self.pageTables)
        guest.memory.write(third | 0x27, at: second)
        let tested = Guest.tested.address
        // The shared view may not be executed: views with the same rights would share a shadow page table in KVM, and with it what the other view has made present.
        let views = [(Guest.low.address, Guest.low.address), (Self.privateView, tested), (Self.nowhereView, Self.nowhere), (Self.sharedView, tested | 1 << 63)]
        for (view, page) in views {
            guest.memory.write(page | 0xE7, at: third + view >> 21 * 8)
        }
    }

    /// Runs nested code with registers; its RSI.
    private func run(_ label: private_memory_label, rbx: UInt64, rcx: UInt64 = 0, rdi: UInt64 = 0) throws -> UInt64 {
        let block = Self.controlBlock
        guest.memory.writeShared([UInt8](repeating: 0, count: 4096), at: block)
        // The control block (AMD APM volume 2, appendix B): VMRUN, VMMCALL and shutdown leave; an address-space identifier; nested paging.
        guest.memory.write(1 << 63, at: block + 0x008)
        guest.memory.write(3, at: block + 0x010)
        guest.memory.write(1, at: block + 0x058)
        guest.memory.write(1, at: block + 0x090)
        guest.memory.write(Self.pageTables, at: block + 0x0B0)
        // The saved state has the layout of the register page of encrypted guests.
        let profile = VMSAProfile.longMode(rip: Guest.code + UInt64(private_memory_offset(label)), rsp: 0, cr3: Guest.pageTables)
        guest.memory.writeShared(Array(profile.page(features: []).prefix(0x298)), at: block + 0x400)
        let answer = try guest.command(PRIVATE_MEMORY_NEST, block, rbx, rcx, rdi)
        try expect("the nested guest's exit code", guest.memory.word(at: block + 0x070), Self.expectedExit)
        return answer
    }

    /// The word at a nested guest-physical address.
    func read(_ address: UInt64) throws -> UInt64 { try run(PRIVATE_MEMORY_NESTED_READ, rbx: address) }

    /// Writes a word.
    func write(_ word: UInt64, at address: UInt64) throws { _ = try run(PRIVATE_MEMORY_NESTED_WRITE, rbx: address, rcx: word) }

    /// Reads two addresses in turns, without any exit in between.
    func alternate(_ one: UInt64, _ other: UInt64, rounds: UInt64) throws -> UInt64 { try run(PRIVATE_MEMORY_NESTED_ALTERNATE, rbx: one, rcx: rounds, rdi: other) }
}
