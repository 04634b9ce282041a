internal import Confidential

private let tested = Guest.tested.address
private let (aa, bb, cc): (UInt64, UInt64, UInt64) = (0xAAAA_AAAA_AAAA_AAAA, 0xBBBB_BBBB_BBBB_BBBB, 0xCCCC_CCCC_CCCC_CCCC)
private let wordsPerPage: UInt64 = 512

/// Who sees what.
func checkViews(_ tally: inout Tally) {
    tally.check("shared memory: the guest sees what the host writes, the host what the guest writes") {
        let guest = try Guest()
        guest.memory.write(aa, at: tested + 8)
        try expect("what the guest sees", try guest.read(tested + 8), aa)
        try guest.fill(tested + 16, bb)
        try expect("what the host sees", guest.memory.word(at: tested + 16), bb)
    }
    tally.check("private memory: the guest writes and reads it, and finds it zero at first") {
        let guest = try Guest()
        try guest.memory.setPrivate(tested..<tested + 4 * Guest.page, true)
        try expect("the pages", try guest.any(tested, words: 4 * wordsPerPage), 0)
        try guest.fill(tested, bb, words: 4 * wordsPerPage)
        try expect("the last word", try guest.read(tested + 4 * Guest.page - 8), bb)
        try expect("what the host sees of the last word", guest.memory.word(at: tested + 4 * Guest.page - 8), 0)
    }
    tally.check("VMMCALL 12 makes a page private and shared again, and neither side ever sees the other's contents") {
        let guest = try Guest()
        guest.memory.write(aa, at: tested)
        try expect("the answer", try guest.convert(tested, toPrivate: true), 0)
        try expect("what the guest sees of the host's word", try guest.read(tested), 0)
        try guest.fill(tested, bb)
        try expect("what the guest sees of its own", try guest.read(tested), bb)
        try expect("what the host sees of the guest's word", guest.memory.word(at: tested), aa)
        guest.memory.write(cc, at: tested)
        try expect("what the guest sees after the host wrote again", try guest.read(tested), bb)
        try expect("the answer", try guest.convert(tested, toPrivate: false), 0)
        try expect("what the guest sees of the shared page", try guest.read(tested), cc)
        try guest.fill(tested, aa)
        try expect("what the host sees of the shared page", guest.memory.word(at: tested), aa)
        try expect("the conversions served", guest.memory.requestedConversions, 2)
        try expect("the conversions nobody asked for", guest.memory.implicitConversions, 0)
    }
    tally.check("a conversion of pages changes these and no others") {
        let guest = try Guest()
        for page in 0..<UInt64(8) { guest.memory.write(aa + page, at: tested + page * Guest.page) }
        try expect("the answer", try guest.convert(tested + 2 * Guest.page, pages: 3, toPrivate: true), 0)
        for page in 0..<UInt64(8) {
            try expect("what the guest sees of page \(page)", try guest.read(tested + page * Guest.page), 2..<5 ~= page ? 0 : aa + page)
        }
    }
    tally.check("the whole region becomes private and shared again") {
        let guest = try Guest()
        let (pages, last) = (Guest.tested.size / Guest.page, tested + Guest.tested.size - 8)
        guest.memory.write(aa, at: last)
        try expect("the answer", try guest.convert(tested, pages: pages, toPrivate: true), 0)
        try expect("what the guest sees of the last word", try guest.read(last), 0)
        try expect("the answer", try guest.convert(tested, pages: pages, toPrivate: false), 0)
        try expect("what the guest sees of the last word", try guest.read(last), aa)
    }
    checkHoles(&tally)
}

/// What becomes of private contents.
private func checkHoles(_ tally: inout Tally) {
    func reconverted(_ omission: WatchedKernel.Omission?) throws -> (word: UInt64, holes: [Range<UInt64>]) {
        let guest = try Guest()
        guest.kernel.omission = omission
        let address = tested + 7 * Guest.page
        for isPrivate in [true, false, true] {
            try expect("the answer", try guest.convert(address, pages: 2, toPrivate: isPrivate), 0)
            if isPrivate && guest.memory.requestedConversions == 1 { try guest.fill(address, bb, words: 2 * wordsPerPage) }
        }
        return (try guest.any(address, words: 2 * wordsPerPage), guest.kernel.holes)
    }
    tally.check("PUNCH_HOLE: pages that were shared in the meantime are private zeros again") {
        let (word, holes) = try reconverted(nil)
        try expect("the pages", word, 0)
        try expect("the holes", holes, [7 * Guest.page..<9 * Guest.page])
    }
    tally.check("control: without PUNCH_HOLE the old private contents are still there") { try expect("the pages", try reconverted(.holes).word, bb) }
}
