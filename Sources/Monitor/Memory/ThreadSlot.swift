import LibraryOS

internal import GuestABI

/// What one running thread has to itself in an address space: a top-level page-table page with, behind it, its mailbox and exception stack. Belongs to one address space for life.
final class ThreadSlot {
    /// All six frames, for quarantine.
    let frames: [UInt64]
    private let root: UnsafeMutablePointer<UInt64>
    /// The mailbox page; everything in it is the guest's word.
    let mailbox: UnsafeMutablePointer<skerry_mailbox>
    /// The exception stack page; the frame of the last exception ends at its end.
    let exceptionStack: UnsafeMutableRawPointer

    /// CR3 of a vCPU that runs in this slot.
    var rootAddress: UInt64 { frames[0] << 12 }

    init(memory: GuestPhysicalMemory, stub: StubImage) throws(Errno) {
        var allocated: [UInt64] = []
        do throws(Errno) {
            for _ in 0..<6 { allocated.append(try memory.allocateTableFrame()) }
        } catch {
            memory.quarantineTableFrames(allocated)
            throw error
        }
        frames = allocated
        func table(_ index: Int) -> UnsafeMutablePointer<UInt64> {
            (memory.base + Int(allocated[index] << 12)).assumingMemoryBound(to: UInt64.self)
        }
        root = table(0)
        mailbox = (memory.base + Int(allocated[4] << 12)).assumingMemoryBound(to: skerry_mailbox.self)
        exceptionStack = memory.base + Int(allocated[5] << 12)

        let tableBits: UInt64 = 0x27  // present, writable, user, accessed
        root[Int(SKERRY_WINDOW_PML4_INDEX)] = allocated[1] << 12 | tableBits
        table(1)[0] = allocated[2] << 12 | tableBits
        table(2)[0] = allocated[3] << 12 | tableBits
        let pages = table(3)
        for (index, entry) in stub.entries { pages[index] = entry }
        let noExecute: UInt64 = 1 << 63
        pages[Int(SKERRY_PAGE_MAILBOX)] = allocated[4] << 12 | 0x67 | noExecute
        pages[Int(SKERRY_PAGE_EXCEPTION_STACK)] = allocated[5] << 12 | 0x63 | noExecute
    }

    func setTop(_ index: Int, _ entry: UInt64) { root[index] = entry }
}
