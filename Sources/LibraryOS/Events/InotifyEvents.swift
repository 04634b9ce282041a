/// The IN_ bits of inotify(7).
struct InotifyEvents: OptionSet {
    let rawValue: UInt32
    static let access = InotifyEvents(rawValue: 0x1), modify = InotifyEvents(rawValue: 0x2), attributes = InotifyEvents(rawValue: 0x4)
    static let closeWrite = InotifyEvents(rawValue: 0x8), closeNoWrite = InotifyEvents(rawValue: 0x10), open = InotifyEvents(rawValue: 0x20)
    static let movedFrom = InotifyEvents(rawValue: 0x40), movedTo = InotifyEvents(rawValue: 0x80)
    static let create = InotifyEvents(rawValue: 0x100), delete = InotifyEvents(rawValue: 0x200)
    static let deleteSelf = InotifyEvents(rawValue: 0x400), moveSelf = InotifyEvents(rawValue: 0x800)
    static let all = InotifyEvents(rawValue: 0xfff)
    /// A name has changed within its directory (`FS_RENAME` of the kernel): nothing that inotify tells, but F_NOTIFY does.
    static let renamedInside = InotifyEvents(rawValue: 0x1_0000)
    static let overflow = InotifyEvents(rawValue: 0x4000), ignored = InotifyEvents(rawValue: 0x8000)
    static let onlyDirectory = InotifyEvents(rawValue: 0x100_0000), dontFollow = InotifyEvents(rawValue: 0x200_0000)
    static let excludeUnlinked = InotifyEvents(rawValue: 0x400_0000), maskCreate = InotifyEvents(rawValue: 0x1000_0000)
    static let maskAdd = InotifyEvents(rawValue: 0x2000_0000), isDirectory = InotifyEvents(rawValue: 0x4000_0000)
    static let oneShot = InotifyEvents(rawValue: 0x8000_0000)
    /// ALL_INOTIFY_BITS.
    static let known: InotifyEvents = [
        .all, InotifyEvents(rawValue: 0x2000), .overflow, .ignored, .onlyDirectory, .dontFollow, .excludeUnlinked, .maskCreate, .maskAdd, .isDirectory, .oneShot,
    ]
}
