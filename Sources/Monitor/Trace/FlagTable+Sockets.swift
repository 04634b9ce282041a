/// Names of the constants of sockets.
extension FlagTable {
    static let sockets: [String: FlagTable] = [
        "socket_family": FlagTable(
            .values, unknown: "AF_???",
            [
                (0x0, "AF_UNSPEC"), (0x1, "AF_UNIX"), (0x2, "AF_INET"), (0xa, "AF_INET6"), (0x10, "AF_NETLINK"), (0x11, "AF_PACKET"), (0x26, "AF_ALG"),
                (0x28, "AF_VSOCK"),
            ]),
        "socket_type": FlagTable(
            .values, unknown: "SOCK_???",
            [
                (0x1, "SOCK_STREAM"), (0x2, "SOCK_DGRAM"), (0x3, "SOCK_RAW"), (0x4, "SOCK_RDM"), (0x5, "SOCK_SEQPACKET"),
            ]),
        "socket_flags": FlagTable(
            .flags, unknown: "SOCK_???",
            [
                (0x80000, "SOCK_CLOEXEC"), (0x800, "SOCK_NONBLOCK"),
            ]),
        "shutdown": FlagTable(
            .values, unknown: "SHUT_???",
            [
                (0x0, "SHUT_RD"), (0x1, "SHUT_WR"), (0x2, "SHUT_RDWR"),
            ]),
        "msg": FlagTable(
            .flags, unknown: "MSG_???",
            [
                (0x1, "MSG_OOB"), (0x2, "MSG_PEEK"), (0x4, "MSG_DONTROUTE"), (0x8, "MSG_CTRUNC"), (0x20, "MSG_TRUNC"), (0x40, "MSG_DONTWAIT"), (0x80, "MSG_EOR"),
                (0x100, "MSG_WAITALL"), (0x4000, "MSG_NOSIGNAL"), (0x8000, "MSG_MORE"), (0x10000, "MSG_WAITFORONE"), (0x40000000, "MSG_CMSG_CLOEXEC"),
            ]),
        "sol": FlagTable(
            .values, unknown: "SOL_???",
            [
                (0x0, "SOL_IP"), (0x1, "SOL_SOCKET"), (0x6, "SOL_TCP"), (0x11, "SOL_UDP"), (0x29, "SOL_IPV6"),
            ]),
        "so": FlagTable(
            .values, unknown: "SO_???",
            [
                (0x1, "SO_DEBUG"), (0x2, "SO_REUSEADDR"), (0x3, "SO_TYPE"), (0x4, "SO_ERROR"), (0x5, "SO_DONTROUTE"), (0x6, "SO_BROADCAST"), (0x7, "SO_SNDBUF"),
                (0x8, "SO_RCVBUF"), (0x9, "SO_KEEPALIVE"), (0xa, "SO_OOBINLINE"), (0xb, "SO_NO_CHECK"), (0xc, "SO_PRIORITY"), (0xd, "SO_LINGER"),
                (0xe, "SO_BSDCOMPAT"), (0xf, "SO_REUSEPORT"), (0x10, "SO_PASSCRED"), (0x11, "SO_PEERCRED"), (0x12, "SO_RCVLOWAT"), (0x13, "SO_SNDLOWAT"),
                (0x14, "SO_RCVTIMEO"), (0x15, "SO_SNDTIMEO"), (0x16, "SO_SECURITY_AUTHENTICATION"), (0x17, "SO_SECURITY_ENCRYPTION_TRANSPORT"),
                (0x18, "SO_SECURITY_ENCRYPTION_NETWORK"), (0x19, "SO_BINDTODEVICE"), (0x1a, "SO_ATTACH_FILTER"), (0x1b, "SO_DETACH_BPF"), (0x1c, "SO_PEERNAME"),
                (0x1d, "SO_TIMESTAMP"), (0x1e, "SO_ACCEPTCONN"), (0x1f, "SO_PEERSEC"), (0x20, "SO_SNDBUFFORCE"), (0x21, "SO_RCVBUFFORCE"), (0x22, "SO_PASSSEC"),
                (0x23, "SO_TIMESTAMPNS"), (0x24, "SO_MARK"), (0x25, "SO_TIMESTAMPING"), (0x26, "SO_PROTOCOL"), (0x27, "SO_DOMAIN"), (0x28, "SO_RXQ_OVFL"),
                (0x29, "SO_WIFI_STATUS"), (0x2a, "SO_PEEK_OFF"), (0x2b, "SO_NOFCS"), (0x2c, "SO_LOCK_FILTER"), (0x2d, "SO_SELECT_ERR_QUEUE"),
                (0x2e, "SO_BUSY_POLL"), (0x2f, "SO_MAX_PACING_RATE"), (0x30, "SO_BPF_EXTENSIONS"), (0x31, "SO_INCOMING_CPU"), (0x32, "SO_ATTACH_BPF"),
                (0x33, "SO_ATTACH_REUSEPORT_CBPF"), (0x34, "SO_ATTACH_REUSEPORT_EBPF"), (0x35, "SO_CNX_ADVICE"), (0x37, "SO_MEMINFO"),
                (0x38, "SO_INCOMING_NAPI_ID"), (0x39, "SO_COOKIE"), (0x3b, "SO_PEERGROUPS"), (0x3c, "SO_ZEROCOPY"), (0x3d, "SO_TXTIME"), (0x3e, "SO_BINDTOIFINDEX"),
                (0x3f, "SO_TIMESTAMP_NEW"), (0x40, "SO_TIMESTAMPNS_NEW"), (0x41, "SO_TIMESTAMPING_NEW"), (0x42, "SO_RCVTIMEO_NEW"), (0x43, "SO_SNDTIMEO_NEW"),
                (0x44, "SO_DETACH_REUSEPORT_BPF"), (0x45, "SO_PREFER_BUSY_POLL"), (0x46, "SO_BUSY_POLL_BUDGET"), (0x47, "SO_NETNS_COOKIE"), (0x48, "SO_BUF_LOCK"),
                (0x49, "SO_RESERVE_MEM"), (0x4a, "SO_TXREHASH"), (0x4b, "SO_RCVMARK"),
            ]),
    ]
}
