/// What can no longer be done to a memory file (fcntl(2), F_ADD_SEALS).
package struct FileSeals: OptionSet, Sendable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }
    /// F_SEAL_SEAL: no more seals.
    package static let seal = FileSeals(rawValue: 0x1)
    /// F_SEAL_SHRINK.
    package static let shrink = FileSeals(rawValue: 0x2)
    /// F_SEAL_GROW.
    package static let grow = FileSeals(rawValue: 0x4)
    /// F_SEAL_WRITE.
    package static let write = FileSeals(rawValue: 0x8)
    /// F_SEAL_FUTURE_WRITE: as `write`, but writable mappings made before stay.
    package static let futureWrite = FileSeals(rawValue: 0x10)
    /// F_SEAL_EXEC: the x bits stay as they are.
    package static let execute = FileSeals(rawValue: 0x20)
    package static let all = FileSeals(rawValue: 0x3f)
}
