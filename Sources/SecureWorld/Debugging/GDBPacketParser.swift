/// Cuts what gdb sends into packets (GDB manual, "GDB Remote Serial Protocol", Overview): `$data#checksum`, acknowledgements, and the interrupt byte.
///
/// Nothing that arrives can do more than be dropped.
struct GDBPacketParser {
    /// What has arrived.
    enum Event: Hashable {
        /// A packet whose checksum is right, with what was escaped as it was before.
        case packet([UInt8])
        /// One whose checksum is wrong, or that is larger than `largest`.
        case damaged
        /// `+` or `-`.
        case acknowledged(Bool)
        /// Ctrl-C.
        case interrupt
    }

    /// Bytes that a packet may have: what the stub says in PacketSize, and as much again for escapes.
    static let largest = 2 * GDBSession.packetSize

    private enum State { case outside, body, escape, firstDigit, secondDigit(UInt8) }
    private var state = State.outside
    private var body: [UInt8] = []
    private var sum: UInt8 = 0
    private var isTooLong = false

    /// Takes one byte; the event that it completes.
    mutating func take(_ byte: UInt8) -> Event? {
        switch (state, byte) {
        case (.outside, UInt8(ascii: "$")): begin()
        case (.outside, UInt8(ascii: "+")): return .acknowledged(true)
        case (.outside, UInt8(ascii: "-")): return .acknowledged(false)
        case (.outside, 3): return .interrupt
        case (.outside, _): break
        // The beginning of another: the rest of this one got lost.
        case (.body, UInt8(ascii: "$")): begin()
        case (.body, UInt8(ascii: "#")), (.escape, UInt8(ascii: "#")): state = .firstDigit
        case (.body, UInt8(ascii: "}")):
            sum &+= byte
            state = .escape
        case (.body, _): add(byte, byte)
        case (.escape, _):
            add(byte ^ 0x20, byte)
            state = .body
        case (.firstDigit, _):
            guard let digit = GDBText.digit(byte) else { return damaged() }
            state = .secondDigit(digit)
        case (.secondDigit(let high), _):
            guard let digit = GDBText.digit(byte), high << 4 | digit == sum, !isTooLong else { return damaged() }
            state = .outside
            return .packet(body)
        }
        return nil
    }

    private mutating func begin() {
        (state, body, sum, isTooLong) = (.body, [], 0, false)
    }

    private mutating func add(_ byte: UInt8, _ raw: UInt8) {
        sum &+= raw
        if body.count < Self.largest { body.append(byte) } else { isTooLong = true }
    }

    private mutating func damaged() -> Event {
        (state, body) = (.outside, [])
        return .damaged
    }

    /// A packet with this content, escaped where need be.
    static func packet(_ content: [UInt8]) -> [UInt8] {
        let special: [UInt8] = [UInt8(ascii: "$"), UInt8(ascii: "#"), UInt8(ascii: "}"), UInt8(ascii: "*")]
        var result: [UInt8] = [UInt8(ascii: "$")]
        result.reserveCapacity(content.count + 16)
        var sum: UInt8 = 0
        for byte in content {
            for part in special.contains(byte) ? [UInt8(ascii: "}"), byte ^ 0x20] : [byte] {
                result.append(part)
                sum &+= part
            }
        }
        return result + [UInt8(ascii: "#")] + GDBText.hex(sum)
    }
}
