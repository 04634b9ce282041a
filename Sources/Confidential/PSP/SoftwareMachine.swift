/// The machine around a software secure processor, as the host has it: memory, the guest's nested page table, and what the host does differently.
struct SoftwareMachine: Sendable {
    /// Each guest has so many pages of the machine's memory for its private side; shared ones are not kept.
    private static let pagesOfGuest: UInt64 = 1 << 42
    /// Behind the 2^40 pages a guest can address lie the register pages of its processors.
    private static let registerSide: UInt64 = 1 << 41

    let deviations: [HostDeviation]
    var stage = Stage.empty
    var asid: UInt32 = 0
    var features: VMSAFeatures = []
    var regions: [GuestRegion] = []
    var processors: [LaunchProcessor] = []
    /// Contents of launched pages by the number of the page in the machine's memory.
    var contents: [UInt64: [UInt8]] = [:]
    /// Addresses whose pages the host has exchanged.
    var remapped: [UInt64: UInt64] = [:]
    /// A page that the host launches later than it was asked to.
    var withheld: (type: LaunchPageType, address: UInt64, contents: [UInt8])?
    var lastResponse: [UInt8]?
    var counts = (changes: 0, validations: 0, requests: 0)

    enum Stage: Sendable { case empty, machine, launching, running }

    init(deviations: [HostDeviation]) { self.deviations = deviations }

    /// The page of the machine's memory behind the private side of a guest's page.
    func page(at address: UInt64) -> UInt64 {
        let number = address / PageSize.small
        return UInt64(asid) * Self.pagesOfGuest + (remapped[number] ?? number)
    }

    /// The page with a processor's registers.
    func registerPage(_ index: Int) -> UInt64 { UInt64(asid) * Self.pagesOfGuest + Self.registerSide + UInt64(index) }

    /// Whether a region has all of these pages.
    func hasMemory(_ addresses: Range<UInt64>) -> Bool {
        !addresses.isEmpty && addresses.lowerBound % PageSize.small == 0 && addresses.upperBound % PageSize.small == 0
            && regions.contains { $0.addresses.contains(addresses.lowerBound) && addresses.upperBound <= $0.addresses.upperBound }
    }

    /// What the host makes of a page that it is asked to launch, in the order in which it launches: perhaps nothing, perhaps more than one.
    mutating func launches(_ type: LaunchPageType, _ address: UInt64, _ contents: [UInt8]) -> [(type: LaunchPageType, address: UInt64, contents: [UInt8])] {
        var (page, list) = ((type: type, address: address, contents: contents), [(type: LaunchPageType, address: UInt64, contents: [UInt8])]())
        var isRepeated = false
        for deviation in deviations {
            switch deviation {
            case .flipLaunchedBit(address, let bit) where bit >= 0 && bit < PageSize.bytes * 8: page.contents[bit / 8] ^= 1 << (bit % 8)
            case .dropLaunchedPage(address): return []
            case .changeLaunchedType(address, let other): page.type = other
            case .launchTwice(address): isRepeated = true
            case .lieInCPUID(let function, let index, let register, let bits) where type == .cpuid:
                page.contents = Self.lie(page.contents, function, index, register, bits)
            case .swapLaunchedPages(address, _):
                withheld = page
                return []
            case .swapLaunchedPages(_, address):
                list.append(page)
                if let withheld { list.append(withheld) }
                withheld = nil
                return list
            default: break
            }
        }
        return isRepeated ? [page, page] : [page]
    }

    private static func lie(_ contents: [UInt8], _ function: UInt32, _ index: UInt32, _ register: Int, _ bits: UInt32) -> [UInt8] {
        guard (0...3).contains(register), let leaves = try? CPUIDPage(page: contents).leaves else { return contents }
        var page = contents
        for (position, leaf) in leaves.enumerated() where leaf.function == function && leaf.index == index {
            let at = 16 + position * 48 + 24 + register * 4
            page.store(page.number(at: at, as: UInt32.self) ^ bits, at: at)
        }
        return page
    }

    /// What reaches the guest of a response, which was sealed with `key`.
    mutating func delivered(_ response: [UInt8], key: [UInt8]) -> [UInt8] {
        defer {
            lastResponse = response
            counts.requests += 1
        }
        var page = response
        for deviation in deviations {
            switch deviation {
            case .replayResponse(counts.requests): page = lastResponse ?? page
            case .truncateResponse(counts.requests, let bytes) where (0...page.count).contains(bytes):
                page.replaceSubrange(bytes..., with: [UInt8](repeating: 0, count: page.count - bytes))
            case .flipResponseBit(counts.requests, let bit) where bit >= 0 && bit < page.count * 8: page[bit / 8] ^= 1 << (bit % 8)
            case .resealResponse(counts.requests, let bit): page = GuestMessage.resealed(page, flipping: bit, with: key) ?? page
            default: break
            }
        }
        return page
    }
}
