internal import Confidential

private let tested = Guest.tested.address
private let end = Guest.tested.address + Guest.tested.size

/// Requests of the guest that are none. KVM itself refuses what is not aligned, empty or wraps (-EINVAL) and other hypercalls (-ENOSYS, 1000); the monitor
/// refuses the others by a positive number.
func checkRequests(_ tally: inout Tally) {
    let requests: [(name: String, number: UInt64, address: UInt64, pages: UInt64, attributes: UInt64, answer: Int64)] = [
        ("an address inside a page", 12, tested + 8, 1, 0x10, -22),
        ("no page", 12, tested, 0, 0x10, -22),
        ("so many pages that their numbers wrap", 12, tested, .max, 0x10, -22),
        ("so many pages that their bytes wrap to nothing", 12, tested, 1 << 52, 0x10, 22),
        ("so many pages that their bytes wrap to one page", 12, tested, 1 << 52 + 1, 0x10, 22),
        ("as many pages as are left of all addresses", 12, tested, 1 << 52 - tested >> 12, 0x10, 22),
        ("half of all pages", 12, tested, 1 << 51, 0x10, 22),
        ("an address without memory", 12, 0x4000_0000, 1, 0x10, 22),
        ("the last page of all addresses", 12, ~0 << 12, 1, 0x10, 22),
        ("a page more than the region has", 12, tested, Guest.tested.size / Guest.page + 1, 0x10, 22),
        ("the page behind the region", 12, end, 1, 0x10, 22),
        ("pages from before the region", 12, tested - Guest.page, 2, 0x10, 22),
        ("an attribute that is not defined", 12, tested, 1, 0x30, 22),
        ("all attributes", 12, tested, 1, .max, 22),
        ("another hypercall", 13, tested, 1, 0x10, -1000),
        ("a hypercall without a number", .max, tested, 1, 0x10, -1000),
    ]
    for request in requests {
        tally.check("refused: \(request.name)") {
            let guest = try Guest()
            try expect("the answer", try guest.call(request.number, request.address, request.pages, request.attributes), request.answer)
            try isUnharmed(guest)
        }
    }
    tally.check("refused, all of them and 500 at random, by one machine that goes on") {
        let guest = try Guest()
        for request in requests {
            try expect(request.name, try guest.call(request.number, request.address, request.pages, request.attributes), request.answer)
        }
        var random = SystemRandomNumberGenerator()
        for _ in 0..<500 {
            let (shift, shrink) = (UInt64.random(in: 0..<64, using: &random), UInt64.random(in: 0..<64, using: &random))
            let (address, pages) = (UInt64.random(in: 0 ... .max, using: &random) >> shift | 1 << 40, UInt64.random(in: 0 ... .max, using: &random) >> shrink)
            let answer = try guest.call(12, address, pages, UInt64.random(in: 0...0x1F, using: &random))
            guard answer == 22 || answer == -22 else { throw Unexpected("\(pages) pages from \(address) on were answered by \(answer)") }
        }
        try isUnharmed(guest)
    }
}

/// Nothing was converted, and a right request is served.
private func isUnharmed(_ guest: Guest) throws {
    try expect("the conversions served", guest.memory.requestedConversions, 0)
    try expect("the holes", guest.kernel.holes, [])
    for page in [tested, end - Guest.page] {
        guest.memory.write(0x1234, at: page)
        try expect("what the guest sees", try guest.read(page), 0x1234)
    }
    try expect("the answer to a right request", try guest.convert(tested, toPrivate: true), 0)
    try expect("what the guest sees of a private page", try guest.read(tested), 0)
}
