/// A Linux error number (errno(3)), as a typed Swift error.
///
/// The values are those of x86-64 Linux. The four restart codes above 511 never reach a program: the signal delivery code turns
/// them into `EINTR` or into a restarted call (signal(7), "Interruption of system calls").
public struct Errno: Error, Equatable, Hashable, Sendable {
    /// The positive error number, as in `<asm-generic/errno.h>`.
    public let code: Int32

    /// Wraps a positive error number.
    @inlinable public init(_ code: Int32) { self.code = code }

    /// The value the system call returns in `rax`.
    @inlinable public var syscallResult: Int64 { -Int64(code) }
}

extension Errno {
    package static let EPERM = Errno(1)
    package static let ENOENT = Errno(2)
    package static let ESRCH = Errno(3)
    package static let EINTR = Errno(4)
    package static let EIO = Errno(5)
    package static let ENXIO = Errno(6)
    package static let E2BIG = Errno(7)
    package static let ENOEXEC = Errno(8)
    package static let EBADF = Errno(9)
    package static let ECHILD = Errno(10)
    package static let EAGAIN = Errno(11)
    package static let ENOMEM = Errno(12)
    package static let EACCES = Errno(13)
    package static let EFAULT = Errno(14)
    package static let ENOTBLK = Errno(15)
    package static let EBUSY = Errno(16)
    package static let EEXIST = Errno(17)
    package static let EXDEV = Errno(18)
    package static let ENODEV = Errno(19)
    package static let ENOTDIR = Errno(20)
    package static let EISDIR = Errno(21)
    package static let EINVAL = Errno(22)
    package static let ENFILE = Errno(23)
    package static let EMFILE = Errno(24)
    package static let ENOTTY = Errno(25)
    package static let ETXTBSY = Errno(26)
    package static let EFBIG = Errno(27)
    package static let ENOSPC = Errno(28)
    package static let ESPIPE = Errno(29)
    package static let EROFS = Errno(30)
    package static let EMLINK = Errno(31)
    package static let EPIPE = Errno(32)
    package static let EDOM = Errno(33)
    package static let ERANGE = Errno(34)
    package static let EDEADLK = Errno(35)
    package static let ENAMETOOLONG = Errno(36)
    package static let ENOLCK = Errno(37)
    package static let ENOSYS = Errno(38)
    package static let ENOTEMPTY = Errno(39)
    package static let ELOOP = Errno(40)
    package static let ENOMSG = Errno(42)
    package static let EIDRM = Errno(43)
    package static let ENODATA = Errno(61)
    package static let ETIME = Errno(62)
    package static let EPROTO = Errno(71)
    package static let EBADMSG = Errno(74)
    package static let EOVERFLOW = Errno(75)
    package static let EILSEQ = Errno(84)
    package static let EUSERS = Errno(87)
    package static let ENOTSOCK = Errno(88)
    package static let EDESTADDRREQ = Errno(89)
    package static let EMSGSIZE = Errno(90)
    package static let EPROTOTYPE = Errno(91)
    package static let ENOPROTOOPT = Errno(92)
    package static let EPROTONOSUPPORT = Errno(93)
    package static let ESOCKTNOSUPPORT = Errno(94)
    package static let EOPNOTSUPP = Errno(95)
    package static let EAFNOSUPPORT = Errno(97)
    package static let EADDRINUSE = Errno(98)
    package static let EADDRNOTAVAIL = Errno(99)
    package static let ENETDOWN = Errno(100)
    package static let ENETUNREACH = Errno(101)
    package static let ECONNABORTED = Errno(103)
    package static let ECONNRESET = Errno(104)
    package static let ENOBUFS = Errno(105)
    package static let EISCONN = Errno(106)
    package static let ENOTCONN = Errno(107)
    package static let ETIMEDOUT = Errno(110)
    package static let ECONNREFUSED = Errno(111)
    package static let EHOSTUNREACH = Errno(113)
    package static let EALREADY = Errno(114)
    package static let EINPROGRESS = Errno(115)
    package static let ESTALE = Errno(116)
    package static let EDQUOT = Errno(122)
    package static let ECANCELED = Errno(125)
    package static let EOWNERDEAD = Errno(130)
    package static let ENOTRECOVERABLE = Errno(131)

    /// Restart the call if the signal's handler was installed with `SA_RESTART` (or there is no handler), else `EINTR`.
    package static let ERESTARTSYS = Errno(512)
    /// Always restart the call after the handler.
    package static let ERESTARTNOINTR = Errno(513)
    /// Restart the call only when no handler runs, else `EINTR`.
    package static let ERESTARTNOHAND = Errno(514)
    /// Restart by `restart_syscall(2)` with what is kept in the task, else `EINTR`.
    package static let ERESTART_RESTARTBLOCK = Errno(516)
}
