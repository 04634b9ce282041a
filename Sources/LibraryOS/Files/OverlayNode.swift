/// What an overlay knows of one file: where it is below, where its changed copy is, and for directories what was changed in them.
///
/// Nodes of files that were never changed live only while an inode object refers to them: a tree of any size below costs nothing. All `var`s are
/// under the overlay's `names` lock.
final class OverlayNode: @unchecked Sendable {
    /// `st_ino`, the same before and after copy-up.
    let number: UInt64
    let kind: FileKind
    let locks = FileLocks()
    let fifo: FIFO?
    /// The file in the lower file system; nil when the program made it. A directory without one is opaque.
    let lower: Inode?
    /// The changed copy, or the file that was made.
    var upper: Inode?
    /// Where it is; for files with an upper copy only one of the places it may have.
    var place: (parent: OverlayNode, name: [UInt8])?
    /// Names known above the lower directory: everything with an upper file, and lower files that are in use.
    var children: [[UInt8]: OverlayEntry] = [:]
    /// Whiteouts: names of the lower directory that are not seen any more.
    var hidden: Set<[UInt8]> = []
    /// It has no name any more.
    var isRemoved = false
    /// How many inode objects refer to it.
    var handles = 0

    init(number: UInt64, kind: FileKind, lower: Inode?, upper: Inode?, place: (parent: OverlayNode, name: [UInt8])?) {
        self.number = number
        self.kind = kind
        fifo = kind == .fifo ? FIFO() : nil
        self.lower = lower
        self.upper = upper
        self.place = place
    }

    /// Nothing would be lost if it were forgotten.
    var isUnchanged: Bool { handles == 0 && upper == nil && children.isEmpty && !isRemoved }
}

/// A name in an overlay's directory.
struct OverlayEntry {
    var node: OverlayNode
    /// The lower directory has this name, so that removing it leaves a whiteout.
    var coversLower: Bool
}
