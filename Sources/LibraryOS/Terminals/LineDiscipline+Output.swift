/// From the programs to the master.
extension LineDiscipline {
    var outputSpace: Int { max(0, Self.outputLimit - output.count) }
    /// Whether a write would move something.
    var canWrite: Bool { !isHeld && outputSpace > 0 }

    /// Outputs as much as there is room for; returns how many bytes that was.
    mutating func write(_ bytes: [UInt8]) -> Int {
        sendEchoes()
        if isHeld { return 0 }
        guard settings.output.contains(.processes) else {
            let count = min(bytes.count, outputSpace)
            output.append(bytes[..<count])
            return count
        }
        var done = 0
        for byte in bytes {
            if !output(processed: byte) { break }
            done += 1
        }
        return done
    }

    /// One byte under OPOST; false when there is no room for what it becomes.
    mutating func output(processed typed: UInt8) -> Bool {
        let space = outputSpace
        if space == 0 { return false }
        let modes = settings.output
        var byte = typed
        switch byte {
        case 0x0a:
            if modes.contains(.newlineReturns) { column = 0 }
            if modes.contains(.newlineToBoth) {
                if space < 2 { return false }
                column = 0
                lineColumn = 0
                output.append(0x0d)
                output.append(0x0a)
                return true
            }
            lineColumn = column
        case 0x0d:
            if modes.contains(.noReturnAtStart), column == 0 { return true }
            if modes.contains(.carriageReturnToNewline) { byte = 0x0a }
            if byte == 0x0d || modes.contains(.newlineReturns) {
                column = 0
                lineColumn = 0
            }
        case 0x09:
            let spaces = 8 - column & 7
            if modes.contains(.expandTabs) {
                if space < spaces { return false }
                for _ in 0..<spaces { output.append(0x20) }
                column += spaces
                return true
            }
            column += spaces
        case 0x08: column = max(0, column - 1)
        default:
            if byte.isControl { break }
            if modes.contains(.upperCase), byte >= 0x61, byte <= 0x7a { byte -= 0x20 }
            if !isContinuation(byte) { column &+= 1 }
        }
        output.append(byte)
        return true
    }
}
