extension FileAttributes {
    /// `struct stat` of x86-64.
    var statStructure: [UInt8] {
        var writer = ByteWriter(capacity: 144)
        writer.u64(device)
        writer.u64(inode)
        writer.u64(links)
        writer.u32(mode)
        writer.u32(user)
        writer.u32(group)
        writer.u32(0)
        writer.u64(deviceNumber)
        writer.i64(size)
        writer.i64(blockSize)
        writer.i64(blocks)
        for time in [accessTime, modificationTime, changeTime] {
            writer.i64(FileTime.seconds(time))
            writer.i64(Int64(FileTime.nanoseconds(time)))
        }
        writer.pad(to: 144)
        return writer.bytes
    }

    /// `struct statx`: all of STATX_BASIC_STATS, and what else is known.
    func statxStructure(mount: UInt64?, isMountRoot: Bool) -> [UInt8] {
        // STATX_BTIME 0x800, STATX_MNT_ID 0x1000; STATX_ATTR_MOUNT_ROOT 0x2000.
        let mask: UInt32 = 0x7ff | (birthTime == nil ? 0 : 0x800) | (mount == nil ? 0 : 0x1000)
        var writer = ByteWriter(capacity: 256)
        writer.u32(mask)
        writer.u32(UInt32(clamping: blockSize))
        writer.u64(isMountRoot ? 0x2000 : 0)
        writer.u32(UInt32(clamping: links))
        writer.u32(user)
        writer.u32(group)
        writer.u16(UInt16(truncatingIfNeeded: mode))
        writer.u16(0)
        writer.u64(inode)
        writer.i64(size)
        writer.i64(blocks)
        writer.u64(0x2000)
        for time in [accessTime, birthTime ?? 0, changeTime, modificationTime] {
            writer.i64(FileTime.seconds(time))
            writer.u32(FileTime.nanoseconds(time))
            writer.u32(0)
        }
        for number in [deviceNumber, device] {
            writer.u32(DeviceNumber.major(number))
            writer.u32(DeviceNumber.minor(number))
        }
        writer.u64(mount ?? 0)
        writer.pad(to: 256)
        return writer.bytes
    }
}

extension FileSystemStatistics {
    /// `struct statfs` of x86-64.
    var statfsStructure: [UInt8] {
        var writer = ByteWriter(capacity: 120)
        for value in [type, blockSize, blocks, blocksFree, blocksAvailable, files, filesFree, identifier, nameLength, blockSize] { writer.u64(value) }
        // ST_VALID and ST_RELATIME are always set.
        writer.u64(flags | 0x1020)
        writer.pad(to: 120)
        return writer.bytes
    }
}

/// File times: nanoseconds since the epoch, which may lie before it.
enum FileTime {
    static func seconds(_ time: Int64) -> Int64 { time >= 0 ? time / 1_000_000_000 : -((-(time + 1)) / 1_000_000_000) - 1 }
    static func nanoseconds(_ time: Int64) -> UInt32 { UInt32(truncatingIfNeeded: time &- seconds(time) &* 1_000_000_000) }
    /// Nearest time that 64 bits of nanoseconds can hold (1677 to 2262), as the kernel clamps to what a file system can store.
    static func make(seconds: Int64, nanoseconds: Int64) -> Int64 {
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        if overflow { return seconds < 0 ? .min : .max }
        let (sum, tooMuch) = scaled.addingReportingOverflow(nanoseconds)
        return tooMuch ? .max : sum
    }
}
