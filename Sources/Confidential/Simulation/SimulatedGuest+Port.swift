internal import CLinux
internal import ConfidentialABI
internal import KVM

extension SimulatedGuest {
    /// One operation of the platform table: AL says which, RDI, RSI and RDX are its operands.
    func serve() throws(SNPError) {
        let registers = vcpu.registers.pointee
        var (result, carry): (UInt64, UInt64?) = (registers.rax, nil)
        switch Int32(registers.rax & 0xFF) {
        case SKERRY_SIMULATE_SEV_STATUS: result = securityStatus
        case SKERRY_SIMULATE_MSR_EXIT: result = try modelSpecificExit(registers.rdi)
        case SKERRY_SIMULATE_PAGE_EXIT: try pageExit(registers.rdi)
        case SKERRY_SIMULATE_PVALIDATE: (result, carry) = try validate(registers.rdi, isLarge: registers.rsi & 1 == 1, isValid: registers.rdx & 1 == 1)
        case SKERRY_SIMULATE_SET_ENTRY: try setEntry(registers.rdi, registers.rsi, isEncrypted: registers.rdx & 1 == 1)
        case SKERRY_SIMULATE_CPUID:
            (vcpu.registers.pointee.rax, vcpu.registers.pointee.rcx) = (registers.rdi & 0xFFFF_FFFF, registers.rsi & 0xFFFF_FFFF)
            deliver(Self.communicationVector, errorCode: Self.cpuidCode)
            return
        case SKERRY_SIMULATE_RUN: return try runProgram(registers.rdi)
        case SKERRY_SIMULATE_FLUSH: try forgetTranslations(registers.rdi, registers.rsi)
        case let other: throw Self.fault("there is no operation \(other)")
        }
        vcpu.registers.pointee.rax = result
        if let carry { vcpu.registers.pointee.rcx = carry }
        vcpu.registersChanged()
    }

    private var securityStatus: UInt64 {
        for case .securityStatus(let value) in deviations { return value }
        // SEV, SEV-ES, SEV-SNP, and the launched features from bit 3 on.
        return 0b111 | plan.features.subtracting(.active).rawValue << 2
    }

    /// PVALIDATE (APM volume 3): return code and carry.
    private func validate(_ virtual: UInt64, isLarge: Bool, isValid: Bool) throws(SNPError) -> (UInt64, UInt64) {
        let (address, size) = (GuestImage.physical(virtual), isLarge ? GuestImage.ramStep : PageSize.small)
        guard address % size == 0, memory.addresses.contains(address), memory.addresses.contains(address &+ size - 1) else { return (1, 0) }
        for page in stride(from: address, to: address &+ size, by: PageSize.bytes) {
            switch try backend.validate(page, isValid) {
            case .changed: if !isValid { ownedPages.remove(page) }
            case .unchanged: return (0, 1)
            case .nestedFault:
                finish(.starved(page))
                return (0, 0)
            }
        }
        return (0, 0)
    }

    /// A page-table entry of the pages that the guest may map: one of the launched pages, or 2 MiB of RAM. There is no encryption bit in it here, so that it comes
    /// beside it.
    private func setEntry(_ virtual: UInt64, _ entry: UInt64, isEncrypted: Bool) throws(SNPError) {
        let at = GuestImage.physical(virtual)
        let (page, size) = try mapped(by: at, isLarge: entry & 0x80 != 0)
        guard entry & 0x000F_FFFF_FFFF_F000 == page, entry & 1 == 1, memory.addresses.contains(page), memory.addresses.contains(page &+ size - 1) else {
            throw Self.fault("it maps another page than the one of that entry")
        }
        guard memory.store(entry, at: at) else { throw Self.fault("its page tables lie outside its memory") }
        for page in stride(from: page, to: page &+ size, by: PageSize.bytes) {
            if isEncrypted {
                sharedMappings.remove(page)
                ownedPages.insert(page)
                guard try backend.access(page) == .allowed else { throw Self.fault("it maps \(page.hexadecimal) as private before it has validated it") }
            } else {
                guard try backend.access(page) == .nestedFault else { throw Self.fault("it maps \(page.hexadecimal) as shared while it is private") }
                sharedMappings.insert(page)
            }
        }
    }

    /// The page that an entry at this address is for.
    private func mapped(by at: UInt64, isLarge: Bool) throws(SNPError) -> (page: UInt64, size: UInt64) {
        let large = UInt64(SKERRY_GUEST_DIRECTORIES)..<UInt64(SKERRY_GUEST_IDT)
        if at % 8 == 0 && !isLarge && GuestPageTables.leaves.contains(at) {
            return (GuestImage.base &+ (at - GuestPageTables.leaves.lowerBound) / 8 &* PageSize.small, PageSize.small)
        }
        guard at % 8 == 0, isLarge, large.contains(at) else { throw Self.fault("it writes an entry outside its page tables") }
        let page = (at - large.lowerBound) / 8 &* GuestImage.ramStep
        guard page >= UInt64(SKERRY_GUEST_RAM) else { throw Self.fault("it maps launched pages anew") }
        return (page, GuestImage.ramStep)
    }

    /// The GHCB MSR protocol (AMD 56421, 2.3.1).
    private func modelSpecificExit(_ value: UInt64) throws(SNPError) -> UInt64 {
        switch value & 0xFFF {
        case 0x002:
            var versions: (smallest: UInt64, largest: UInt64) = (1, 2)
            for case .protocolVersions(let smallest, let largest) in deviations { versions = (UInt64(smallest), UInt64(largest)) }
            return 0x001 | versions.largest << 48 | versions.smallest << 32 | 51 << 24
        case 0x080: return 0x081 | (deviations.contains(.withoutSNPFeature) ? 0 : 1 << 12)
        case 0x012:
            registered = value & ~0xFFF
            return (deviations.contains(.registerAnotherPage) ? UInt64(SKERRY_GUEST_EVIDENCE) : value & ~0xFFF) | 0x013
        case 0x014:
            defer { counts.stateChanges += 1 }
            if deviations.contains(.refuseStateChange(counts.stateChanges)) { return 0x015 | 1 << 32 }
            return try changeState(value & 0x000F_FFFF_FFFF_F000, operation: value >> 52 & 0xF) ? 0x015 : 0x015 | 1 << 32
        case 0x100:
            finish(GuestEnd(terminationRequest: value))
            return value
        default: throw Self.fault("it makes the request \(value.hexadecimal) by the GHCB MSR")
        }
    }

    /// The host's part of a page state change; false when it is no memory. The contents are lost on the way, whichever way.
    func changeState(_ page: UInt64, operation: UInt64, size: UInt64 = PageSize.small) throws(SNPError) -> Bool {
        guard memory.addresses.contains(page), memory.addresses.contains(page &+ size - 1), page % size == 0, operation == 1 || operation == 2 else { return false }
        try backend.changePageState(page..<page &+ size, toPrivate: operation == 1)
        if size != PageSize.small { return true }
        ownedPages.remove(page)
        var contents = [UInt8](repeating: 0, count: PageSize.bytes)
        if operation == 2 && page == UInt64(SKERRY_GUEST_EVIDENCE) {
            contents = GuestChallenge(nonce: challenge, hasWorkload: ring != nil, requester: (requester != nil, requester?.identity ?? [])).page
            if deviations.contains(.spoilChallenge) { contents.store(0 as UInt64, at: 0) }
        }
        return memory.write(contents, at: page)
    }
}
