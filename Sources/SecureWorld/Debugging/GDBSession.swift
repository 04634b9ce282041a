import LibraryOS

/// One connection of gdb: answers its packets about a target that stands still.
final class GDBSession {
    /// Bytes that packets may have, before escapes.
    static let packetSize = 0x4000

    /// What a packet comes to.
    enum Outcome: Equatable {
        case reply([UInt8])
        /// The target goes on; the reply is the next stop.
        case resume(GDBResumption)
        /// The target is to die; the reply, if there is one.
        case kill([UInt8]?)
        /// The target goes on alone.
        case detach([UInt8])
    }

    /// Why the target stands still.
    var stop = DebugStop.signal(DebugStop.trap)
    /// gdb has been told to do without acknowledgements.
    private(set) var doesWithoutAcknowledgements = false
    private var saysBreakpoints = false
    private var files = GDBFiles()
    private let target: any DebugTarget

    init(_ target: any DebugTarget) { self.target = target }

    /// Answers a packet.
    func answer(_ packet: [UInt8]) -> Outcome {
        switch GDBCommand(packet) {
        case .supported(let features):
            saysBreakpoints = features.contains("swbreak+")
            return .reply(text("PacketSize=\(String(Self.packetSize, radix: 16));QStartNoAckMode+;vContSupported+;swbreak+\(Self.transfers)"))
        case .doWithoutAcknowledgements:
            doesWithoutAcknowledgements = true
            return .reply(Self.good)
        case .stopReason: return .reply(stopReply)
        case .selectThread, .threadIsAlive: return .reply(Self.good)
        case .listThreads(let isFirst): return .reply(text(isFirst ? "m1" : "l"))
        case .currentThread: return .reply(text("QC1"))
        // Whoever leaves gdb lets the application run on.
        case .isAttached: return .reply(text("1"))
        case .offsets: return .reply(offsets)
        case .readRegisters: return .reply(target.registers.text)
        case .writeRegisters(let bytes): return .reply(change { $0.setAll(bytes) })
        case .readRegister(let index): return .reply(register(index))
        case .writeRegister(let index, let bytes): return .reply(change { $0.set(index, bytes) })
        case .readMemory(let address, let count): return .reply(memory(address, count))
        case .writeMemory(let address, let bytes): return .reply(bytes.isEmpty || target.writeMemory(address, bytes) ? Self.good : Self.bad)
        case .insertBreakpoint(let address): return .reply(target.insertBreakpoint(address) ? Self.good : Self.bad)
        case .removeBreakpoint(let address):
            target.removeBreakpoint(address)
            return .reply(Self.good)
        case .resume(let resumption): return resume(resumption)
        case .listResumptions: return .reply(text("vCont;c;C;s;S"))
        case .kill(let answers): return .kill(answers ? Self.good : nil)
        case .detach: return .detach(Self.good)
        case .transfer(let object, let annex, let offset, let count): return .reply(transfer(object, annex, offset, count))
        case .file(let command): return .reply(files.answer(command, target.images))
        case .unknown: return .reply([])
        case .malformed: return .reply(Self.bad)
        }
    }

    /// The packet that tells why the target has stopped.
    var stopReply: [UInt8] {
        switch stop {
        case .signal(let signal): text("T\(hex(signal))thread:1;")
        case .breakpoint: text("T05\(saysBreakpoints ? "swbreak:;" : "")thread:1;")
        case .exited: text("W00")
        case .killed(let signal): text("X\(hex(signal))")
        }
    }

    private static let transfers = ["features", "exec-file", "auxv", "libraries-svr4"].map { ";qXfer:\($0):read+" }.joined()
    private static let good = Array("OK".utf8)
    /// EINVAL and EFAULT mean the same to gdb.
    private static let bad = Array("E16".utf8)
    private func text(_ text: String) -> [UInt8] { Array(text.utf8) }
    private func hex(_ byte: UInt8) -> String { String(decoding: GDBText.hex(byte), as: UTF8.self) }

    // MARK: State

    private func change(_ body: (inout GDBRegisters) -> Bool) -> [UInt8] {
        var registers = target.registers
        return body(&registers) && target.replaceRegisters(registers) ? Self.good : Self.bad
    }

    private func register(_ index: Int) -> [UInt8] {
        guard index < GDBRegisters.count else { return Self.bad }
        return target.registers.bytes(index).map { GDBText.hex($0) } ?? text("xx")
    }

    private func memory(_ address: UInt64, _ count: Int) -> [UInt8] {
        let bytes = target.readMemory(address, count: min(count, Self.packetSize / 2 - 16))
        return bytes.isEmpty && count > 0 ? Self.bad : GDBText.hex(bytes)
    }

    private func resume(_ resumption: GDBResumption) -> Outcome {
        if let address = resumption.address {
            var registers = target.registers
            registers.general.rip = address
            guard target.replaceRegisters(registers) else { return .reply(Self.bad) }
        }
        return .resume(resumption)
    }

    // MARK: Objects

    private func transfer(_ object: String, _ annex: String, _ offset: Int, _ count: Int) -> [UInt8] {
        let content: [UInt8]
        switch (object, annex) {
        case ("features", "target.xml"): content = GDBRegisters.description
        case ("exec-file", _): content = Array((target.images.first?.path ?? "").utf8)
        case ("auxv", ""): content = auxiliaryVector
        case ("libraries-svr4", _): content = libraries
        case ("features", _): return text("E00")
        default: return []
        }
        let rest = content.dropFirst(offset)
        let part = rest.prefix(min(count, Self.packetSize / 2))
        return text(part.count < rest.count ? "m" : "l") + part
    }

    /// Where the segments of the image are, by which gdb moves its symbols.
    private var offsets: [UInt8] {
        guard let image = target.images.first else { return [] }
        return text(zip(["TextSeg", "DataSeg"], image.segments).map { "\($0)=\(String($1, radix: 16))" }.joined(separator: ";"))
    }

    /// AT_PAGESZ and AT_ENTRY, by which gdb finds out where an image that can lie anywhere does; AT_NULL.
    private var auxiliaryVector: [UInt8] {
        [(6, 4096), (9, target.images.first?.entry ?? 0), (0, 0)].flatMap { (key: UInt64, value: UInt64) in
            [key, value].flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) } }
        }
    }

    /// The shared libraries (GDB manual, "Library List Format for SVR4 Targets").
    private var libraries: [UInt8] {
        let lines = target.images.dropFirst().map { image in
            let base = "0x" + String(image.base, radix: 16)
            // gdb of today wants the link map's namespace; older ones pass over it.
            return "<library name=\"\(Self.quoted(image.path))\" lm=\"\(base)\" l_addr=\"\(base)\" l_ld=\"0x\(String(image.dynamic, radix: 16))\" lmid=\"0x0\"/>"
        }
        return text("<library-list-svr4 version=\"1.0\">\(lines.joined())</library-list-svr4>")
    }

    private static func quoted(_ text: String) -> String {
        text.map { ["<": "&lt;", ">": "&gt;", "&": "&amp;", "\"": "&quot;"][$0] ?? String($0) }.joined()
    }
}
