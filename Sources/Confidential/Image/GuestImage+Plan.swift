internal import ConfidentialABI

extension GuestImage {
    /// The most RAM beside the launched pages, in bytes: what one page table maps.
    public static let largestRAM = UInt64(SKERRY_GUEST_RAM_LIMIT - SKERRY_GUEST_RAM)

    /// The launch of the image: its pages in their order, and one processor. All that the guest is when it starts; the measurement follows from it.
    ///
    /// - Parameters:
    ///   - cpuid: The leaves the guest gets; the firmware checks them.
    ///   - ram: Bytes that the guest accepts while it runs.
    /// - Throws: `plan` for memory that is not made of pages, or more than `largestRAM`.
    public func plan(for platform: GuestPlatform, cpuid: CPUIDPage, ram: UInt64 = largestRAM) throws(SNPError) -> LaunchPlan {
        guard ram % PageSize.small == 0, ram <= Self.largestRAM else {
            throw SNPError(.plan, "the guest image", "it takes up to \(Self.largestRAM) bytes of RAM in pages of 4096, not \(ram)")
        }
        var plan = LaunchPlan()
        plan.memory = [GuestRegion(address: Self.base, size: UInt64(SKERRY_GUEST_RAM) - Self.base + ram)]
        let layout = GuestPageTables(image: self, platform: platform)
        plan.runs = [try LaunchRun(.normal, at: Self.base, contents: bytes)]
        if zeroEnd > dataEnd { plan.runs.append(try LaunchRun(.zero, at: dataEnd, pageCount: (zeroEnd - dataEnd) / PageSize.small)) }
        plan.runs.append(try LaunchRun(.normal, at: UInt64(SKERRY_GUEST_TABLES), contents: layout.pages))
        let descriptors = GuestDescriptors(vectors: vectors)
        plan.runs.append(try LaunchRun(.normal, at: UInt64(SKERRY_GUEST_IDT), contents: descriptors.interruptTable + descriptors.globalTable))
        plan.runs.append(try LaunchRun(.normal, at: UInt64(SKERRY_GUEST_PLATFORM), contents: table(platform, layout, ram: ram)))
        plan.runs.append(try LaunchRun(.secrets, at: UInt64(SKERRY_GUEST_SECRETS), pageCount: 1))
        plan.runs.append(try LaunchRun(.cpuid, at: UInt64(SKERRY_GUEST_CPUID), contents: cpuid.page))
        // The guest gives these to the host first of all; what is in them then counts for nothing.
        plan.runs.append(try LaunchRun(.unmeasured, at: UInt64(SKERRY_GUEST_GHCB), pageCount: 4))
        for stack in GuestPageTables.stacks {
            plan.runs.append(try LaunchRun(.zero, at: stack.lowerBound, pageCount: (stack.upperBound - stack.lowerBound) / PageSize.small))
        }
        plan.processors = [.registers(registers(platform))]
        return plan
    }

    /// The platform table, 4,096 bytes.
    private func table(_ platform: GuestPlatform, _ layout: GuestPageTables, ram: UInt64) -> [UInt8] {
        var page = [UInt8](repeating: 0, count: PageSize.bytes)
        for (index, body) in (platform == .hardware ? hardwareBodies : simulationBodies).enumerated() { page.store(body, at: index * 8) }
        page.store(platform.encryption, at: Int(SKERRY_PLATFORM_ENCRYPTION))
        page.store(platform.entryBits, at: Int(SKERRY_PLATFORM_ENTRY_BITS))
        page.store(ram, at: Int(SKERRY_PLATFORM_RAM_SIZE))
        for address in layout.launched { page[Int(SKERRY_PLATFORM_LAUNCHED) + Int((address - Self.base) >> 15)] |= 1 << UInt8((address - Self.base) >> 12 & 7) }
        return page
    }

    /// Where the processor starts: descriptor tables and the stack of every vector are there from the first instruction on, so that nothing that the host
    /// injects ever finds the guest without a handler.
    private func registers(_ platform: GuestPlatform) -> VMSAProfile {
        var profile = VMSAProfile.longMode(
            rip: entry, rsp: UInt64(SKERRY_GUEST_STACK_END), cr3: UInt64(SKERRY_GUEST_TABLES) | platform.encryption, gdt: UInt64(SKERRY_GUEST_GDT),
            idt: UInt64(SKERRY_GUEST_IDT))
        profile.gdtr.limit = GuestDescriptors.globalLimit
        // WP: what is mapped for reading is not written at CPL 0 either. OSXSAVE: XGETBV works.
        profile.cr0 |= 1 << 16
        profile.cr4 |= 1 << 18
        profile.tr = SegmentRegister(selector: UInt16(SKERRY_GUEST_TR), attributes: 0x8B, limit: GuestDescriptors.taskLimit, base: UInt64(SKERRY_GUEST_TSS))
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
