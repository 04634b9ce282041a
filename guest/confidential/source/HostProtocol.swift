import Platform

/// The GHCB protocol (AMD 56421): requests in the MSR, and in the page once it is registered.
enum HostProtocol {
    /// Version 2 and SEV-SNP, or nothing. The encryption bit that the host names here is not asked: it is the host's word.
    static func negotiate() {
        let information = skerry_msr_exit(0x002)
        let (largest, smallest) = (information >> 48, information >> 32 & 0xFFFF)
        if information & 0xFFF != 0x001 || smallest > 2 || largest < 2 { refuse(skerry_refusal_protocol) }
        let features = skerry_msr_exit(0x080)
        if features & 0xFFF != 0x081 || features >> 12 & 1 == 0 { refuse(skerry_refusal_protocol) }
    }

    /// Registers the GHCB page; the host has to name the same one.
    static func registerPage() {
        if skerry_msr_exit(Layout.ghcb | 0x012) != Layout.ghcb | 0x013 { refuse(skerry_refusal_registration) }
    }

    /// A page state change by the MSR, for pages before there is a GHCB page.
    static func changeState(_ page: UInt64, isPrivate: Bool) {
        if skerry_msr_exit(0x014 | page | (isPrivate ? 1 : 2) << 52) != 0x015 { refuse(skerry_refusal_page_state) }
    }

    /// An exit with the GHCB page; SW_EXITINFO2 as the host leaves it.
    static func exit(_ code: UInt64, _ first: UInt64, _ second: UInt64, scratch: UInt64? = nil, rax: UInt64? = nil) -> UInt64 {
        let page = Layout.ghcb
        Shared.store(code, at: page + 0x390)
        Shared.store(first, at: page + 0x398)
        Shared.store(second, at: page + 0x3A0)
        Shared.store(scratch ?? 0, at: page + 0x3A8)
        Shared.store(rax ?? 0, at: page + 0x1F8)
        // VALID_BITMAP, a bit for each quadword: exit code and both informations, and the scratch area and RAX when they are used.
        Shared.store(rax == nil ? 0 : 1 << 63, at: page + 0x3F0)
        Shared.store((scratch == nil ? 0x1C : 0x3C) << 48, at: page + 0x3F8)
        // Version 2 at 0xFFA, usage 0 at 0xFFC.
        Shared.store(2 << 16, at: page + 0xFF8)
        skerry_page_exit(page)
        let outcome = Shared.load(page + 0x398)
        // 1 asks for an exception, 2 is an error. The guest asks for nothing that may fail so.
        if outcome & 0xFFFF_FFFF != 0 { refuse(skerry_refusal_exit) }
        return Shared.load(page + 0x3A0)
    }

    /// OUT of 32 bits (exit 0x7B, SVM_EXIT_IOIO; APM volume 2, 15.10.2): the port in bits 31:16, the size in bit 6.
    static func writePort(_ port: Int32, _ value: UInt32) { _ = exit(0x7B, UInt64(port) << 16 | 1 << 6, 0, rax: UInt64(value)) }
}

/// Page state changes by the list in the GHCB page (exit 0x80000010).
enum PageStateList {
    private static var header: UInt64 { Layout.ghcb + 0x800 }
    /// How often the host may come back before it has gone through the list.
    private static var patience: Int { 16 }

    /// Asks for 2 MiB of private memory, and comes back when the host says that it is through.
    static func makePrivate(_ address: UInt64) {
        Shared.store(0, at: header)
        Shared.store(address | 1 << 52 | 1 << 56, at: header + 8)
        for _ in 0..<patience {
            if HostProtocol.exit(0x8000_0010, 0, 0, scratch: header) != 0 { refuse(skerry_refusal_page_state) }
            let state = Shared.load(header)
            if state >> 16 != 0 { refuse(skerry_refusal_page_state) }
            if state & 0xFFFF > 0 { return }
        }
        refuse(skerry_refusal_page_state)
    }
}
