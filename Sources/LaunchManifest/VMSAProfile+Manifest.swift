internal import Confidential

extension VMSAProfile {
    /// A processor by its fields: a base and what is other than there.
    init(_ entry: inout ManifestObject) throws(ManifestError) {
        switch try entry.text("profile") {
        case "untouched":
            self = .untouched
            return
        case "real-mode": self = .realMode()
        case "long-mode":
            guard let rip = try entry.number("rip"), let cr3 = try entry.number("cr3") else { throw ManifestError("\(entry.place) in long mode needs rip and cr3") }
            self = .longMode(rip: rip, rsp: 0, cr3: cr3)
        default: throw ManifestError("\(entry.place) needs hex or file, or the profile untouched, real-mode or long-mode")
        }
        try setRegisters(&entry)
        try setSegments(&entry)
    }

    private mutating func setRegisters(_ entry: inout ManifestObject) throws(ManifestError) {
        let places: [(String, WritableKeyPath<VMSAProfile, UInt64>)] = [
            ("rip", \.rip), ("rflags", \.rflags), ("cr0", \.cr0), ("cr3", \.cr3), ("cr4", \.cr4), ("efer", \.efer), ("xcr0", \.xcr0), ("rax", \.registers.rax),
            ("rbx", \.registers.rbx), ("rcx", \.registers.rcx), ("rdx", \.registers.rdx), ("rsi", \.registers.rsi), ("rdi", \.registers.rdi), ("rbp", \.registers.rbp),
            ("rsp", \.registers.rsp),
        ]
        for (name, place) in places { if let value = try entry.number(name) { self[keyPath: place] = value } }
        for index in 0..<8 { if let value = try entry.number("r\(index + 8)") { registers.numbered[index] = value } }
    }

    private mutating func setSegments(_ entry: inout ManifestObject) throws(ManifestError) {
        let segments: [(String, WritableKeyPath<VMSAProfile, SegmentRegister>)] = [
            ("es", \.es), ("cs", \.cs), ("ss", \.ss), ("ds", \.ds), ("fs", \.fs), ("gs", \.gs), ("ldtr", \.ldtr), ("tr", \.tr),
        ]
        for (name, place) in segments {
            guard let value = entry.take(name) else { continue }
            var fields = try ManifestObject(value, "\(name) of \(entry.place)")
            var segment = self[keyPath: place]
            if let selector = try fields.number("selector", as: UInt16.self) { segment.selector = selector }
            if let attributes = try fields.number("attributes", as: UInt16.self) { segment.attributes = attributes & 0xFFF }
            if let limit = try fields.number("limit", as: UInt32.self) { segment.limit = limit }
            if let base = try fields.number("base") { segment.base = base }
            try fields.finish()
            self[keyPath: place] = segment
        }
        for (name, place) in [("gdtr", \VMSAProfile.gdtr), ("idtr", \VMSAProfile.idtr)] {
            guard let value = entry.take(name) else { continue }
            var fields = try ManifestObject(value, "\(name) of \(entry.place)")
            var table = self[keyPath: place]
            if let limit = try fields.number("limit", as: UInt16.self) { table.limit = limit }
            if let base = try fields.number("base") { table.base = base }
            try fields.finish()
            self[keyPath: place] = table
        }
    }
}
