internal import ConfidentialABI

extension GuestImage {
    /// The most RAM beside the launched pages, in bytes.
    public static let largestRAM = UInt64(SKERRY_GUEST_RAM_LIMIT) - UInt64(SKERRY_GUEST_RAM)
    /// RAM is a multiple of this many bytes.
    public static let ramStep = UInt64(SKERRY_GUEST_RAM_STEP)

    /// The launch of the image: its pages in their order, and one processor. All that the guest is when it starts; the measurement follows from it.
    ///
    /// - Parameters:
    ///   - cpuid: The leaves the guest gets; the firmware checks them.
    ///   - ram: Bytes that the guest accepts while it runs.
    /// - Throws: `plan` for memory that is not made of pages, or more than `largestRAM`.
    public func plan(for platform: GuestPlatform, cpuid: CPUIDPage, ram: UInt64 = 64 << 20) throws(SNPError) -> LaunchPlan {
        guard ram % Self.ramStep == 0, ram > 0, ram <= Self.largestRAM else {
            throw SNPError(.plan, "the guest image", "it takes up to \(Self.largestRAM >> 20) MiB of RAM in steps of 2 MiB, not \(ram) bytes")
        }
        var plan = LaunchPlan()
        plan.memory = [GuestRegion(address: Self.base, size: UInt64(SKERRY_GUEST_RAM) - Self.base + ram)]
        let layout = GuestPageTables(image: self, platform: platform, ram: ram)
        plan.runs = [try LaunchRun(.normal, at: Self.base, contents: bytes)]
        if zeroEnd > dataEnd { plan.runs.append(try LaunchRun(.zero, at: dataEnd, pageCount: (zeroEnd - dataEnd) / PageSize.small)) }
        plan.runs.append(try LaunchRun(.normal, at: GuestPageTables.start, contents: layout.pages))
        let descriptors = GuestDescriptors(vectors: vectors &+ Self.alias, opensPorts: platform.isUserMode)
        plan.runs.append(try LaunchRun(.normal, at: UInt64(SKERRY_GUEST_IDT), contents: descriptors.interruptTable + descriptors.globalTable))
        plan.runs.append(try LaunchRun(.normal, at: UInt64(SKERRY_GUEST_PLATFORM), contents: table(platform, layout, ram: ram)))
        plan.runs.append(try LaunchRun(.secrets, at: UInt64(SKERRY_GUEST_SECRETS), pageCount: 1))
        plan.runs.append(try LaunchRun(.cpuid, at: UInt64(SKERRY_GUEST_CPUID), contents: cpuid.page))
        // The guest gives these to the host first of all; what is in them then counts for nothing.
        for pages in GuestPageTables.shared {
            plan.runs.append(try LaunchRun(.unmeasured, at: pages.lowerBound, pageCount: (pages.upperBound - pages.lowerBound) / PageSize.small))
        }
        for stack in GuestPageTables.stacks {
            plan.runs.append(try LaunchRun(.zero, at: stack.lowerBound, pageCount: (stack.upperBound - stack.lowerBound) / PageSize.small))
        }
        plan.processors = [.registers(registers(platform, cpuid))]
        return plan
    }

    /// The platform table, 4,096 bytes.
    private func table(_ platform: GuestPlatform, _ layout: GuestPageTables, ram: UInt64) -> [UInt8] {
        var page = [UInt8](repeating: 0, count: PageSize.bytes)
        for (index, body) in bodies(platform).enumerated() { page.store(body, at: index * 8) }
        page.store(platform.encryption, at: Int(SKERRY_PLATFORM_ENCRYPTION))
        page.store(platform.entryBits, at: Int(SKERRY_PLATFORM_ENTRY_BITS))
        page.store(ram, at: Int(SKERRY_PLATFORM_RAM_SIZE))
        for address in layout.launched { page[Int(SKERRY_PLATFORM_LAUNCHED) + Int((address - Self.base) >> 15)] |= 1 << UInt8((address - Self.base) >> 12 & 7) }
        return page
    }

    /// x87 and SSE, and AVX and AVX-512 where the processor has them.
    private static func extendedStates(_ cpuid: CPUIDPage) -> UInt64 {
        let offered = cpuid.leaves.first { $0.function == 0xD && $0.index == 0 }?.eax ?? 3
        return UInt64(offered & 0xE7) | 3
    }

    /// Where the processor starts: descriptor tables and the stack of every vector are there from the first instruction on, so that nothing that the host
    /// injects ever finds the guest without a handler.
    private func registers(_ platform: GuestPlatform, _ cpuid: CPUIDPage) -> VMSAProfile {
        var profile = VMSAProfile.longMode(
            rip: entry, rsp: UInt64(SKERRY_GUEST_STACK_END), cr3: UInt64(SKERRY_GUEST_TABLES) | platform.encryption,
            gdt: UInt64(SKERRY_GUEST_GDT) &+ Self.alias, idt: UInt64(SKERRY_GUEST_IDT) &+ Self.alias)
        profile.gdtr.limit = GuestDescriptors.globalLimit
        // WP: what is mapped for reading is not written at CPL 0 either. OSXSAVE: XGETBV and XSAVE work; the states that programs get. FSGSBASE.
        profile.cr0 |= 1 << 16
        profile.cr4 |= 1 << 18 | 1 << 16
        profile.xcr0 = Self.extendedStates(cpuid)
        profile.tr = SegmentRegister(selector: UInt16(SKERRY_GUEST_TR), attributes: 0x8B, limit: GuestDescriptors.taskLimit, base: UInt64(SKERRY_GUEST_TSS) &+ Self.alias)
        if platform.isUserMode {
            profile.cs.selector = UInt16(SKERRY_GUEST_CS3)
            profile.cs.attributes |= 3 << 5
            for segment in [\VMSAProfile.es, \.ss, \.ds, \.fs, \.gs] {
                profile[keyPath: segment].selector = UInt16(SKERRY_GUEST_SS3)
                profile[keyPath: segment].attributes |= 3 << 5
            }
        }
        profile.fs.base = thread
        return profile
    }
}
