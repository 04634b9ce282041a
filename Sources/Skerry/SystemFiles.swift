import LibraryOS

/// What `--system` grants of the host, and the few files that are written for the sandbox instead of being shown.
enum SystemFiles {
    /// Read-only; links stay links (/bin -> usr/bin), what the host lacks is left out. /etc/resolv.conf is not here: there is no network; nor are
    /// /etc/gitconfig, /etc/wgetrc and /etc/apt, which may hold passwords of proxies and archives.
    static let granted = [
        "/usr", "/bin", "/sbin", "/lib", "/lib64", "/lib32", "/libx32", "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/alternatives",
        "/etc/ssl", "/etc/ca-certificates", "/etc/pki", "/etc/localtime", "/etc/timezone", "/etc/mime.types", "/etc/magic", "/etc/magic.mime",
        "/etc/protocols", "/etc/services", "/etc/shells", "/etc/terminfo", "/etc/inputrc", "/etc/python3", "/etc/python3.11", "/etc/perl", "/etc/fonts",
        "/etc/manpath.config", "/etc/man_db.conf", "/etc/groff", "/etc/papersize", "/etc/sysless", "/etc/syslesskey", "/etc/vim", "/etc/vimrc", "/etc/virc",
        "/etc/nanorc", "/etc/dpkg", "/etc/gitattributes", "/etc/debian_version", "/etc/os-release", "/etc/locale.alias", "/etc/java-11-openjdk",
        "/etc/java-17-openjdk", "/etc/java-21-openjdk",
    ].map { Array($0.utf8) }

    /// passwd and group with root, nobody and the caller; names resolve from files only.
    static func synthesised(_ grants: Grants, hostname: [UInt8]) -> [(path: String, content: [UInt8])] {
        var passwd = Array("root:x:0:0:root:/root:/bin/sh\n".utf8)
        var group = Array("root:x:0:\n".utf8)
        if grants.user != 0 && grants.user != 65534 {
            passwd += grants.userName + Array(":x:\(grants.user):\(grants.group)::".utf8) + grants.home + Array(":/bin/sh\n".utf8)
        }
        if grants.group != 0 && grants.group != 65534 { group += grants.userName + Array(":x:\(grants.group):\n".utf8) }
        passwd += Array("nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n".utf8)
        group += Array("nogroup:x:65534:\n".utf8)
        return [
            ("/etc/passwd", passwd), ("/etc/group", group),
            ("/etc/hosts", Array("127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost\n127.0.1.1\t".utf8) + hostname + [0x0a]),
            ("/etc/nsswitch.conf", Array("passwd: files\ngroup: files\nshadow: files\nhosts: files\nprotocols: files\nservices: files\n".utf8)),
            ("/etc/hostname", hostname + [0x0a]),
        ]
    }
}
