/// A set of named constants, printed as strace prints them.
struct FlagTable: Sendable {
    enum Kind {
        /// Bits that may be combined.
        case flags
        /// One of several values.
        case values
        /// open(2): an access mode in the low bits, then flags.
        case open
    }
    let kind: Kind
    /// What stands in the comment behind a value without a name.
    let unknown: String
    let names: [(value: UInt64, name: String)]

    init(_ kind: Kind, unknown: String, _ names: [(value: UInt64, name: String)]) {
        self.kind = kind
        self.unknown = unknown
        self.names = names
    }

    /// Every table by the name that the system call table uses (`ArgumentFormat.named`).
    static let all: [String: FlagTable] = [files, memory, events, processes, interprocess, sockets].reduce(into: [:]) { $0.merge($1) { first, _ in first } }

    func text(_ value: UInt64) -> String {
        switch kind {
        case .values:
            let narrow = value & 0xffff_ffff
            if let name = names.first(where: { $0.value == narrow })?.name { return name }
            return "\(TraceText.hex(narrow)) /* \(unknown) */"
        case .open:
            let modes = ["O_RDONLY", "O_WRONLY", "O_RDWR", "O_ACCMODE"]
            let rest = flags(value & 0xffff_fffc)
            return modes[Int(value & 3)] + (value & 0xffff_fffc == 0 ? "" : "|" + rest.joined(separator: "|"))
        case .flags:
            if value == 0 { return names.first(where: { $0.value == 0 })?.name ?? "0" }
            let parts = flags(value)
            // strace marks a value of which no bit has a name.
            if parts.count == 1, parts[0].hasPrefix("0x") { return "\(parts[0]) /* \(unknown) */" }
            return parts.joined(separator: "|")
        }
    }

    /// The names of bits that are values in an argument and a set in a result.
    func combined(_ value: UInt64) -> String { flags(value).joined(separator: "|") }

    private func flags(_ value: UInt64) -> [String] {
        var rest = value
        var parts: [String] = []
        for (bits, name) in names where bits != 0 && rest & bits == bits {
            parts.append(name)
            rest &= ~bits
        }
        if rest != 0 { parts.append(TraceText.hex(rest)) }
        return parts
    }
}
