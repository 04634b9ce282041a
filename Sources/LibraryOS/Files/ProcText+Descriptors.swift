extension ProcText {
    /// /proc/PID/fdinfo/N: the position, flags and place of every file, the locks held through it, and what its kind has to say.
    static func descriptorInformation(_ file: OpenFile, _ closeOnExec: Bool, in table: DescriptorTable, _ reader: Task) throws(Errno) -> [UInt8] {
        let (position, flags) = file.lock.withLock { (file.position, file.statusFlags) }
        var writer = TextWriter(capacity: 128)
        writer.text("pos:\t")
        writer.signed(position)
        writer.text("\nflags:\t0")
        // O_LARGEFILE is what a 64-bit open always has.
        writer.octal(UInt64(flags.rawValue | 0o100000 | (closeOnExec ? 0o2000000 : 0)), width: 6)
        writer.text("\nmnt_id:\t")
        writer.unsigned(file.location?.mount.id ?? 0)
        writer.text("\nino:\t")
        writer.unsigned(file.inode?.number ?? 0)
        writer.newline()
        locks(of: file, in: table, &writer)
        file.describe(&writer, reader)
        return writer.bytes
    }

    /// As in /proc/locks, those of the process and of the description alone.
    private static func locks(of file: OpenFile, in table: DescriptorTable, _ writer: inout TextWriter) {
        guard let inode = file.inode else { return }
        let description = ObjectIdentifier(file)
        let held = inode.locks.held(by: [.process(ObjectIdentifier(table)), .description(description)], wholeBy: description)
        let device = inode.fileSystem.device
        for (index, lock) in held.enumerated() {
            writer.text("lock:\t")
            writer.unsigned(UInt64(index) &+ 1)
            writer.text(lock.isWhole ? ": FLOCK  ADVISORY  " : lock.record.process == -1 ? ": OFDLCK ADVISORY  " : ": POSIX  ADVISORY  ")
            writer.text(lock.record.isWrite ? "WRITE " : "READ ")
            writer.signed(Int64(lock.record.process))
            writer.text(" ")
            writer.hex(UInt64(DeviceNumber.major(device)), width: 2)
            writer.text(":")
            writer.hex(UInt64(DeviceNumber.minor(device)), width: 2)
            writer.text(":")
            writer.unsigned(inode.number)
            writer.text(" ")
            writer.signed(lock.record.first)
            if lock.record.last == .max {
                writer.text(" EOF\n")
            } else {
                writer.text(" ")
                writer.signed(lock.record.last)
                writer.newline()
            }
        }
    }
}

extension TextWriter {
    /// An inode as files of /proc name one: its number and its file system's device as the kernel encodes it (`s_dev`).
    mutating func place(_ inode: Inode) {
        text("ino:")
        hex(inode.number)
        text(" sdev:")
        let device = inode.fileSystem.device
        hex(UInt64(DeviceNumber.major(device)) << 20 | UInt64(DeviceNumber.minor(device)))
    }

    /// Seconds and nanoseconds in brackets.
    mutating func duration(_ nanoseconds: Int64) {
        text("(")
        signed(nanoseconds / 1_000_000_000)
        text(", ")
        signed(nanoseconds % 1_000_000_000)
        text(")\n")
    }
}
