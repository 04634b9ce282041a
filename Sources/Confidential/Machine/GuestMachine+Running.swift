internal import CLinux
internal import Glibc

extension GuestMachine {
    /// Enters a processor until something happens that is the caller's business. Page conversions and requests for certificates are settled here.
    ///
    /// - Throws: `guest` for a processor that cannot go on, `kernel` when KVM_RUN fails.
    package func enter(_ index: Int) throws(SNPError) -> GuestEvent {
        guard processors.indices.contains(index) else { throw SNPError(.order, "KVM_RUN", "there is no processor \(index)") }
        let processor = processors[index]
        let run = processor.run
        while true {
            let result = kernel.ioctl(processor.descriptor, UInt32(skerry_KVM_RUN), 0)
            let reason = run.load(UInt32.self, at: skerry_run_exit_reason_at)
            if result == -EINTR || result == -EAGAIN { return .interrupted }
            if result == -EFAULT && reason == KVMExitReason.memoryFault.rawValue {
                try memory.convert(MemoryFault(run), &processor.conversions)
                continue
            }
            guard result >= 0 else { throw SNPError(.kernel(-result), "KVM_RUN", "the guest cannot go on; see the kernel's log") }
            processor.conversions.reset()
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
        case .interruptWindow: return .interruptWindow
        case .hypercall: run.store(try memory.answer(MapRequest(run)), at: skerry_run_hypercall_ret_at)
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
    ///
    /// - Throws: `order` when it does not wait for so many bytes.
    package func answerPortIn(_ index: Int, bytes: [UInt8]) throws(SNPError) {
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

    private func systemEvent(_ run: any HostMemory) throws(SNPError) -> GuestEvent {
        let type = run.load(UInt32.self, at: skerry_run_system_event_type_at)
        let count = run.load(UInt32.self, at: skerry_run_system_event_ndata_at)
        guard type == KVMConstants.eventSEVTerminated, count >= 1 else { throw SNPError(.guest, "KVM_RUN", "the guest ended with the system event \(type)") }
        let request = run.load(UInt64.self, at: skerry_run_system_event_data_at)
        return .terminated(set: UInt8(request >> 12 & 0xF), code: UInt8(truncatingIfNeeded: request >> 16))
    }
}
