internal import CLinux
internal import Glibc

extension KVMBackend {
    /// SNP_LAUNCH_START, after certificate exits were asked for: the kernel takes that before the first processor only.
    public func startLaunch(_ policy: GuestPolicy, visibleWorkarounds: [UInt8]) throws(SNPError) {
        try require(.machine, "SNP_LAUNCH_START")
        if certificates != nil { try enableCertificateExits() }
        var start = skerry_snp_launch_start()
        start.policy = policy.rawValue
        withUnsafeMutableBytes(of: &start.gosvw) { $0.copyBytes(from: visibleWorkarounds.prefix(16)) }
        let outcome = try encryptOperation(.launchStart, &start)
        guard outcome.result == 0 else {
            let refused = policy.subtracting(.acceptedByKVM)
            let advice =
                refused.isEmpty
                ? "the kernel refuses the policy \(policy): Linux 6.12 wants SMT (bit 16) set and SINGLE_SOCKET (bit 20) clear"
                : "KVM refuses the policy bits \(refused)"
            throw failure("SNP_LAUNCH_START", outcome, advice)
        }
        advance(to: .launching)
    }

    /// Whether the kernel has the exits was told by its device attribute.
    private func enableCertificateExits() throws(SNPError) {
        guard try deviceAttribute(KVMConstants.attributeCertificates) == 1 else {
            throw SNPError(.requirement, "SNP_ENABLE_REQ_CERTS", "this kernel cannot ask for certificates; give no certificates, or use a kernel after 6.19")
        }
        var nothing: UInt64 = 0
        let outcome = try encryptOperation(.enableCertificateExits, &nothing)
        guard outcome.result == 0 else { throw failure("SNP_ENABLE_REQ_CERTS", outcome, "see the kernel's log") }
    }

    /// SNP_LAUNCH_UPDATE until the run is done: the kernel may stop anywhere, or put the call off.
    public func load(_ run: LaunchRun) throws(SNPError) -> LoadOutcome {
        try require(.launching, "SNP_LAUNCH_UPDATE")
        var source: (any HostMemory)?
        if run.type != .zero {
            guard let size = Int(exactly: run.pageCount &* PageSize.small), let memory = calls.kernel.allocate(size) else {
                throw SNPError(.kernel(ENOMEM), "memory for pages at \(run.address.hexadecimal)", "free some memory")
            }
            if !run.contents.isEmpty { memory.write(run.contents, at: 0) }
            source = memory
        }
        var update = skerry_snp_launch_update()
        update.gfn_start = run.address / PageSize.small
        update.uaddr = source?.address ?? 0
        update.len = run.pageCount &* PageSize.small
        update.type = run.type.rawValue
        var attempts = 0
        while update.len > 0 {
            let before = update
            let outcome = try encryptOperation(.launchUpdate, &update)
            let step = "SNP_LAUNCH_UPDATE of the \(run.type) page \((before.gfn_start &* PageSize.small).hexadecimal)"
            switch outcome.result {
            case 0 where try hasAdvanced(from: before, to: update, step): attempts = 0
            case 0, -EAGAIN, -EINTR:
                attempts += 1
                guard attempts <= patience else { throw SNPError(.kernel(EAGAIN), step, "the kernel made no progress in \(attempts) attempts; see its log") }
            case -EIO where run.type == .cpuid && outcome.firmware == FirmwareError.invalidParameter.rawValue:
                return source.map { .corrected($0.read(0..<PageSize.bytes)) } ?? .loaded
            default: throw failure(step, outcome, "the page has to be private memory of the guest, and loaded once")
            }
        }
        return .loaded
    }

    /// What the kernel says it has done has to be a part of what it was asked to do.
    private func hasAdvanced(from before: skerry_snp_launch_update, to after: skerry_snp_launch_update, _ step: String) throws(SNPError) -> Bool {
        let done = before.len &- after.len
        let isSource = before.type != LaunchPageType.zero.rawValue
        guard after.len <= before.len, done % PageSize.small == 0, after.gfn_start == before.gfn_start &+ done / PageSize.small,
            after.uaddr == (isSource ? before.uaddr &+ done : before.uaddr), after.type == before.type, after.flags == 0
        else { throw SNPError(.kernel(EPROTO), step, "the kernel reports impossible progress; this is no kernel that Skerry knows") }
        return done > 0
    }

    /// SNP_LAUNCH_FINISH. The caller is the only thread: kernels before the fix of CVE-2026-31591 do not lock the processors.
    public func finishLaunch(_ finish: LaunchFinish) throws(SNPError) {
        try require(.launching, "SNP_LAUNCH_FINISH")
        let page = try calls.argumentPage()
        var end = skerry_snp_launch_finish()
        if let identity = finish.identity {
            page.write(identity.block, at: KernelCalls.Argument.identityBlock)
            page.write(identity.authentication.bytes, at: KernelCalls.Argument.identityAuthentication)
            end.id_block_uaddr = page.address + UInt64(KernelCalls.Argument.identityBlock)
            end.id_auth_uaddr = page.address + UInt64(KernelCalls.Argument.identityAuthentication)
            end.id_block_en = 1
            end.auth_key_en = identity.usesAuthorKey ? 1 : 0
        }
        end.vcek_disabled = finish.isChipKeyDisabled ? 1 : 0
        withUnsafeMutableBytes(of: &end.host_data) { $0.copyBytes(from: finish.hostData.prefix(32)) }
        let outcome = try encryptOperation(.launchFinish, &end)
        guard outcome.result == 0 else { throw failure("SNP_LAUNCH_FINISH", outcome, "the kernel refuses the ID block, or a processor's registers; see its log") }
        advance(to: .running)
    }
}
