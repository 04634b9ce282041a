/// Names of the constants of file calls.
extension FlagTable {
    static let files: [String: FlagTable] = [
        "open": FlagTable(
            .open, unknown: "O_???",
            [
                (0x40, "O_CREAT"), (0x80, "O_EXCL"), (0x100, "O_NOCTTY"), (0x200, "O_TRUNC"), (0x400, "O_APPEND"), (0x800, "O_NONBLOCK"), (0x101000, "O_SYNC"),
                (0x1000, "O_DSYNC"), (0x4000, "O_DIRECT"), (0x8000, "O_LARGEFILE"), (0x20000, "O_NOFOLLOW"), (0x40000, "O_NOATIME"), (0x80000, "O_CLOEXEC"),
                (0x200000, "O_PATH"), (0x410000, "O_TMPFILE"), (0x10000, "O_DIRECTORY"), (0x2000, "FASYNC"),
            ]),
        "pipe2": FlagTable(
            .flags, unknown: "O_???",
            [
                (0x800, "O_NONBLOCK"), (0x80000, "O_CLOEXEC"), (0x4000, "O_DIRECT"),
            ]),
        "whence": FlagTable(
            .values, unknown: "SEEK_???",
            [
                (0x0, "SEEK_SET"), (0x1, "SEEK_CUR"), (0x2, "SEEK_END"), (0x3, "SEEK_DATA"), (0x4, "SEEK_HOLE"),
            ]),
        "access": FlagTable(
            .flags, unknown: "?_OK",
            [
                (0x0, "F_OK"), (0x4, "R_OK"), (0x2, "W_OK"), (0x1, "X_OK"),
            ]),
        "at": FlagTable(
            .flags, unknown: "AT_???",
            [
                (0x100, "AT_SYMLINK_NOFOLLOW"), (0x200, "AT_REMOVEDIR"), (0x400, "AT_SYMLINK_FOLLOW"), (0x800, "AT_NO_AUTOMOUNT"), (0x1000, "AT_EMPTY_PATH"),
                (0x2000, "AT_STATX_FORCE_SYNC"), (0x4000, "AT_STATX_DONT_SYNC"), (0x8000, "AT_RECURSIVE"),
            ]),
        "statx_flags": FlagTable(
            .flags, unknown: "AT_???",
            [
                (0x100, "AT_SYMLINK_NOFOLLOW"), (0x800, "AT_NO_AUTOMOUNT"), (0x1000, "AT_EMPTY_PATH"), (0x2000, "AT_STATX_FORCE_SYNC"),
                (0x4000, "AT_STATX_DONT_SYNC"),
            ]),
        "faccessat": FlagTable(
            .flags, unknown: "AT_???",
            [
                (0x100, "AT_SYMLINK_NOFOLLOW"), (0x200, "AT_EACCESS"), (0x1000, "AT_EMPTY_PATH"),
            ]),
        "statx_mask": FlagTable(
            .flags, unknown: "STATX_???",
            [
                (0xfff, "STATX_ALL"), (0x7ff, "STATX_BASIC_STATS"), (0x1, "STATX_TYPE"), (0x2, "STATX_MODE"), (0x4, "STATX_NLINK"), (0x8, "STATX_UID"),
                (0x10, "STATX_GID"), (0x20, "STATX_ATIME"), (0x40, "STATX_MTIME"), (0x80, "STATX_CTIME"), (0x100, "STATX_INO"), (0x200, "STATX_SIZE"),
                (0x400, "STATX_BLOCKS"), (0x800, "STATX_BTIME"), (0x1000, "STATX_MNT_ID"), (0x2000, "STATX_DIOALIGN"),
            ]),
        "renameat2": FlagTable(
            .flags, unknown: "RENAME_???",
            [
                (0x1, "RENAME_NOREPLACE"), (0x2, "RENAME_EXCHANGE"), (0x4, "RENAME_WHITEOUT"),
            ]),
        "flock": FlagTable(
            .flags, unknown: "LOCK_???",
            [
                (0x1, "LOCK_SH"), (0x2, "LOCK_EX"), (0x4, "LOCK_NB"), (0x8, "LOCK_UN"), (0x20, "LOCK_MAND"),
            ]),
        "fallocate": FlagTable(
            .flags, unknown: "FALLOC_FL_???",
            [
                (0x1, "FALLOC_FL_KEEP_SIZE"), (0x2, "FALLOC_FL_PUNCH_HOLE"), (0x4, "FALLOC_FL_NO_HIDE_STALE"), (0x8, "FALLOC_FL_COLLAPSE_RANGE"),
                (0x10, "FALLOC_FL_ZERO_RANGE"), (0x20, "FALLOC_FL_INSERT_RANGE"), (0x40, "FALLOC_FL_UNSHARE_RANGE"),
            ]),
        "fadvise": FlagTable(
            .values, unknown: "POSIX_FADV_???",
            [
                (0x0, "POSIX_FADV_NORMAL"), (0x1, "POSIX_FADV_RANDOM"), (0x2, "POSIX_FADV_SEQUENTIAL"), (0x3, "POSIX_FADV_WILLNEED"), (0x4, "POSIX_FADV_DONTNEED"),
                (0x5, "POSIX_FADV_NOREUSE"),
            ]),
        "rwf": FlagTable(
            .flags, unknown: "RWF_???",
            [
                (0x1, "RWF_HIPRI"), (0x2, "RWF_DSYNC"), (0x4, "RWF_SYNC"), (0x8, "RWF_NOWAIT"), (0x10, "RWF_APPEND"),
            ]),
        "close_range": FlagTable(
            .flags, unknown: "CLOSE_RANGE_???",
            [
                (0x2, "CLOSE_RANGE_UNSHARE"), (0x4, "CLOSE_RANGE_CLOEXEC"),
            ]),
        "fd_flags": FlagTable(
            .flags, unknown: "FD_???",
            [
                (0x1, "FD_CLOEXEC")
            ]),
        "splice": FlagTable(
            .flags, unknown: "SPLICE_F_???",
            [
                (0x1, "SPLICE_F_MOVE"), (0x2, "SPLICE_F_NONBLOCK"), (0x4, "SPLICE_F_MORE"), (0x8, "SPLICE_F_GIFT"),
            ]),
        "fcntl": FlagTable(
            .values, unknown: "F_???",
            [
                (0x0, "F_DUPFD"), (0x1, "F_GETFD"), (0x2, "F_SETFD"), (0x3, "F_GETFL"), (0x4, "F_SETFL"), (0x5, "F_GETLK"), (0x6, "F_SETLK"), (0x7, "F_SETLKW"),
                (0x8, "F_SETOWN"), (0x9, "F_GETOWN"), (0xa, "F_SETSIG"), (0xb, "F_GETSIG"), (0xf, "F_SETOWN_EX"), (0x10, "F_GETOWN_EX"), (0x11, "F_GETOWNER_UIDS"),
                (0x24, "F_OFD_GETLK"), (0x25, "F_OFD_SETLK"), (0x26, "F_OFD_SETLKW"), (0x400, "F_SETLEASE"), (0x401, "F_GETLEASE"), (0x402, "F_NOTIFY"),
                (0x406, "F_DUPFD_CLOEXEC"), (0x407, "F_SETPIPE_SZ"), (0x408, "F_GETPIPE_SZ"), (0x409, "F_ADD_SEALS"), (0x40a, "F_GET_SEALS"),
                (0x40b, "F_GET_RW_HINT"), (0x40c, "F_SET_RW_HINT"),
            ]),
        "seals": FlagTable(
            .flags, unknown: "F_SEAL_???",
            [
                (0x1, "F_SEAL_SEAL"), (0x2, "F_SEAL_SHRINK"), (0x4, "F_SEAL_GROW"), (0x8, "F_SEAL_WRITE"), (0x10, "F_SEAL_FUTURE_WRITE"), (0x20, "F_SEAL_EXEC"),
            ]),
        "lock_type": FlagTable(
            .values, unknown: "F_???",
            [
                (0x0, "F_RDLCK"), (0x1, "F_WRLCK"), (0x2, "F_UNLCK"),
            ]),
        "ioctl": FlagTable(
            .values, unknown: "_IOC(?)",
            [
                (0x5401, "TCGETS"), (0x5402, "TCSETS"), (0x5403, "TCSETSW"), (0x5404, "TCSETSF"), (0x5405, "TCGETA"), (0x5406, "TCSETA"), (0x5407, "TCSETAW"),
                (0x5408, "TCSETAF"), (0x5409, "TCSBRK"), (0x540a, "TCXONC"), (0x540b, "TCFLSH"), (0x540c, "TIOCEXCL"), (0x540d, "TIOCNXCL"), (0x540e, "TIOCSCTTY"),
                (0x540f, "TIOCGPGRP"), (0x5410, "TIOCSPGRP"), (0x5411, "TIOCOUTQ"), (0x5412, "TIOCSTI"), (0x5413, "TIOCGWINSZ"), (0x5414, "TIOCSWINSZ"),
                (0x5415, "TIOCMGET"), (0x5416, "TIOCMBIS"), (0x5417, "TIOCMBIC"), (0x5418, "TIOCMSET"), (0x5419, "TIOCGSOFTCAR"), (0x541a, "TIOCSSOFTCAR"),
                (0x541b, "FIONREAD"), (0x541c, "TIOCLINUX"), (0x541d, "TIOCCONS"), (0x541e, "TIOCGSERIAL"), (0x541f, "TIOCSSERIAL"), (0x5420, "TIOCPKT"),
                (0x5421, "FIONBIO"), (0x5422, "TIOCNOTTY"), (0x5423, "TIOCSETD"), (0x5424, "TIOCGETD"), (0x5425, "TCSBRKP"), (0x5427, "TIOCSBRK"),
                (0x5428, "TIOCCBRK"), (0x5429, "TIOCGSID"), (0x542e, "TIOCGRS485"), (0x542f, "TIOCSRS485"), (0x5432, "TCGETX"), (0x5433, "TCSETX"),
                (0x5434, "TCSETXF"), (0x5435, "TCSETXW"), (0x5437, "TIOCVHANGUP"), (0x5441, "TIOCGPTPEER"), (0x5450, "FIONCLEX"), (0x5451, "FIOCLEX"),
                (0x5452, "FIOASYNC"), (0x5453, "TIOCSERCONFIG"), (0x5454, "TIOCSERGWILD"), (0x5455, "TIOCSERSWILD"), (0x5456, "TIOCGLCKTRMIOS"),
                (0x5457, "TIOCSLCKTRMIOS"), (0x5458, "TIOCSERGSTRUCT"), (0x5459, "TIOCSERGETLSR"), (0x545a, "TIOCSERGETMULTI"), (0x545b, "TIOCSERSETMULTI"),
                (0x545c, "TIOCMIWAIT"), (0x545d, "TIOCGICOUNT"), (0x5460, "FIOQSIZE"), (0x40045431, "TIOCSPTLCK"), (0x40045436, "TIOCSIG"),
                (0x80045430, "TIOCGPTN"), (0x80045432, "TIOCGDEV"), (0x80045438, "TIOCGPKT"), (0x80045439, "TIOCGPTLCK"), (0x80045440, "TIOCGEXCL"),
                (0x802c542a, "TCGETS2"), (0x402c542b, "TCSETS2"), (0x402c542c, "TCSETSW2"), (0x402c542d, "TCSETSF2"),
            ]),
        "tcflush": FlagTable(
            .values, unknown: "TC???",
            [
                (0x0, "TCIFLUSH"), (0x1, "TCOFLUSH"), (0x2, "TCIOFLUSH"),
            ]),
        "tcflow": FlagTable(
            .values, unknown: "TC???",
            [
                (0x0, "TCOOFF"), (0x1, "TCOON"), (0x2, "TCIOFF"), (0x3, "TCION"),
            ]),
        "st_flags": FlagTable(
            .flags, unknown: "ST_???",
            [
                (0x20, "ST_VALID"), (0x1, "ST_RDONLY"), (0x2, "ST_NOSUID"), (0x4, "ST_NODEV"), (0x8, "ST_NOEXEC"), (0x10, "ST_SYNCHRONOUS"), (0x40, "ST_MANDLOCK"),
                (0x400, "ST_NOATIME"), (0x800, "ST_NODIRATIME"), (0x1000, "ST_RELATIME"),
            ]),
        "fs_magic": FlagTable(
            .values, unknown: "???",
            [
                (0xef53, "EXT2_SUPER_MAGIC"), (0x1021994, "TMPFS_MAGIC"), (0x9fa0, "PROC_SUPER_MAGIC"), (0x62656572, "SYSFS_MAGIC"),
                (0x794c7630, "OVERLAYFS_SUPER_MAGIC"), (0x50495045, "PIPEFS_MAGIC"), (0x9123683e, "BTRFS_SUPER_MAGIC"), (0x58465342, "XFS_SUPER_MAGIC"),
                (0x1cd1, "DEVPTS_SUPER_MAGIC"),
            ]),
        "resolve": FlagTable(
            .flags, unknown: "RESOLVE_???",
            [
                (0x1, "RESOLVE_NO_XDEV"), (0x2, "RESOLVE_NO_MAGICLINKS"), (0x4, "RESOLVE_NO_SYMLINKS"), (0x8, "RESOLVE_BENEATH"), (0x10, "RESOLVE_IN_ROOT"),
                (0x20, "RESOLVE_CACHED"),
            ]),
        "xattr": FlagTable(
            .flags, unknown: "XATTR_???",
            [
                (0x1, "XATTR_CREATE"), (0x2, "XATTR_REPLACE"),
            ]),
    ]
}
