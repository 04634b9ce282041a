internal import CLinux
internal import Glibc

extension KVMBackend {
    /// Enters a processor until something happens that is the caller's business. Page conversions and requests for certificates are settled here.
    ///
    /// - Throws: `guest` for a processor that cannot go on, `kernel` when KVM_RUN fails.
    public func enter(_ index: Int) throws(SNPError) -> GuestEvent {
        try require(.running, "KVM_RUN")
        guard processors.indices.contains(index) else { throw SNPError(.order, "KVM_RUN", "there is no processor \(index)") }
        while true {
            let result = kernel.ioctl(processors[index].descriptor, UInt32(skerry_KVM_RUN), 0)
            let run = processors[index].run
            let reason = run.load(UInt32.self, at: skerry_run_exit_reason_at)
            if result == -EINTR || result == -EAGAIN { return .interrupted }
            if result == -EFAULT && reason == KVMExitReason.memoryFault.rawValue {
                try convertImplicitly(index)
                continue
            }
            guard result >= 0 else { throw SNPError(.kernel(-result), "KVM_RUN", "the guest cannot go on; see the kernel's log") }
            processors[index].conversions.reset()
            if let event = try settle(reason, run) { return event }
        }
    }

    /// One exit; nil when it was settled and the guest goes on.
    private func settle(_ reason: UInt32, _ run: any HostMemory) throws(SNPError) -> GuestEvent? {
        switch KVMExitReason(rawValue: reason) {
        case .io: return try portEvent(run)
        case .halt: return .halt
        case .mmio: return .mmio(run.load(UInt64.self, at: skerry_run_mmio_at))
        case .shutdown: return .shutdown
        case .interrupted: return .interrupted
        case .hypercall: try answerHypercall(run)
        case .certificates: try answerCertificates(run)
        case .systemEvent: return try systemEvent(run)
        case .memoryFault: throw SNPError(.guest, "KVM_RUN", "the kernel reports a memory fault without an error")
        case .failedEntry:
            throw SNPError(.guest, "KVM_RUN", "the processor refuses the guest's state (reason \(run.load(UInt64.self, at: 32).hexadecimal)); its registers may be wrong")
        case .internalError: throw SNPError(.guest, "KVM_RUN", "KVM cannot emulate what the guest does (suberror \(run.load(UInt32.self, at: 32)))")
        case nil: throw SNPError(.guest, "KVM_RUN", "the guest left for a reason that Skerry does not know: \(reason)")
        }
        return nil
    }

    /// What the kernel wrote is checked against the size of the mapping, since the offset is a number like any other.
    private func portEvent(_ run: any HostMemory) throws(SNPError) -> GuestEvent {
        let at = skerry_run_io_at
        let fields = run.read(at..<at + 16)
        let (size, port, count, offset) = (Int(fields[1]), fields.number(at: 2, as: UInt16.self), fields.number(at: 4, as: UInt32.self), fields.number(at: 8, as: UInt64.self))
        guard [1, 2, 4].contains(size), count == 1, offset >= 128, offset <= UInt64(run.size - size) else {
            throw SNPError(.guest, "port \(port.hexadecimal)", "the guest uses it by string instructions, which are not part of its interface")
        }
        return fields[0] == 1 ? .portOut(port: port, bytes: run.read(Int(offset)..<Int(offset) + size)) : .portIn(port: port, size: size)
    }

    /// Answers the `portIn` by which a processor left.
    public func answerPortIn(_ index: Int, bytes: [UInt8]) throws(SNPError) {
        guard processors.indices.contains(index) else { throw SNPError(.order, "a port's answer", "there is no processor \(index)") }
        let run = processors[index].run
        let at = skerry_run_io_at
        let fields = run.read(at..<at + 16)
        let offset = fields.number(at: 8, as: UInt64.self)
        guard run.load(UInt32.self, at: skerry_run_exit_reason_at) == KVMExitReason.io.rawValue, fields[0] == 0, bytes.count == Int(fields[1]), offset >= 128,
            bytes.count <= run.size, offset <= UInt64(run.size - bytes.count)
        else { throw SNPError(.order, "a port's answer", "processor \(index) does not wait for \(bytes.count) bytes from a port") }
        run.write(bytes, at: Int(offset))
    }

    /// KVM_HC_MAP_GPA_RANGE, the only hypercall that leaves the kernel: the guest asks for pages to become private or shared.
    private func answerHypercall(_ run: any HostMemory) throws(SNPError) {
        let number = run.load(UInt64.self, at: skerry_run_hypercall_nr_at)
        let arguments = run.read(skerry_run_hypercall_args_at..<skerry_run_hypercall_args_at + 24)
        let (address, pages, attributes) = (
            arguments.number(at: 0, as: UInt64.self), arguments.number(at: 8, as: UInt64.self), arguments.number(at: 16, as: UInt64.self)
        )
        // KVM takes a positive error number as the answer.
        var answer = UInt64(EINVAL)
        let (size, wraps) = pages.multipliedReportingOverflow(by: PageSize.small)
        let (end, ends) = address.addingReportingOverflow(size)
        if number == KVMConstants.mapGPARange, !wraps, !ends, slot(containing: address..<end) != nil {
            try setPrivate(address..<end, attributes & KVMConstants.mapEncrypted != 0)
            answer = 0
        }
        run.store(answer, at: skerry_run_hypercall_ret_at)
    }

    /// An access to a page of the other kind: the page becomes what the guest takes it for.
    private func convertImplicitly(_ index: Int) throws(SNPError) {
        let run = processors[index].run
        let flags = run.load(UInt64.self, at: skerry_run_memory_fault_flags_at)
        let address = run.load(UInt64.self, at: skerry_run_memory_fault_gpa_at) & ~(PageSize.small - 1)
        let size = run.load(UInt64.self, at: skerry_run_memory_fault_size_at)
        let step = "an access of the guest to \(address.hexadecimal)"
        let rounded = max(size, 1).addingReportingOverflow(PageSize.small - 1)
        let (end, wraps) = address.addingReportingOverflow(rounded.partialValue & ~(PageSize.small - 1))
        guard !rounded.overflow, !wraps, slot(containing: address..<end) != nil else {
            throw SNPError(.guest, step, "there is no memory at this address")
        }
        guard processors[index].conversions.allows(address) else {
            throw SNPError(.guest, step, "it takes the page for private and shared in turns without getting on; the guest is stopped")
        }
        try setPrivate(address..<end, flags & KVMConstants.faultPrivate != 0)
    }

    /// KVM_EXIT_SNP_REQ_CERTS: the table goes into the shared side of the guest's pages, or the answer says how many pages it needs.
    private func answerCertificates(_ run: any HostMemory) throws(SNPError) {
        let address = run.load(UInt64.self, at: skerry_run_snp_req_certs_gpa_at)
        let pages = run.load(UInt64.self, at: skerry_run_snp_req_certs_npages_at)
        var answer = UInt64(EIO)
        switch certificates?.currentCertificates() {
        case .busy: answer = UInt64(EAGAIN)
        case .failed, nil: break
        case .table(let table):
            let bytes = table.bytes
            let needed = UInt64((bytes.count + PageSize.bytes - 1) / PageSize.bytes)
            if pages < needed {
                run.store(needed, at: skerry_run_snp_req_certs_npages_at)
                answer = UInt64(ENOSPC)
            } else {
                let (end, wraps) = address.addingReportingOverflow(needed * PageSize.small)
                if !wraps, let slot = slot(containing: address..<end) {
                    let padding = [UInt8](repeating: 0, count: Int(needed) * PageSize.bytes - bytes.count)
                    slot.sharedSide.write(bytes + padding, at: Int(address - slot.region.address))
                    answer = 0
                }
            }
        }
        run.store(answer, at: skerry_run_snp_req_certs_ret_at)
    }

    private func systemEvent(_ run: any HostMemory) throws(SNPError) -> GuestEvent {
        let type = run.load(UInt32.self, at: skerry_run_system_event_type_at)
        let count = run.load(UInt32.self, at: skerry_run_system_event_ndata_at)
        guard type == KVMConstants.eventSEVTerminated, count >= 1 else { throw SNPError(.guest, "KVM_RUN", "the guest ended with the system event \(type)") }
        let request = run.load(UInt64.self, at: skerry_run_system_event_data_at)
        return .terminated(set: UInt8(request >> 12 & 0xF), code: UInt8(truncatingIfNeeded: request >> 16))
    }
}
