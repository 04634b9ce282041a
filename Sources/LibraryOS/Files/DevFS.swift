/// The content of /dev.
package enum DevFS {
    /// Makes a new open file for the sandbox's terminal; `location` is that of /dev/tty or /dev/console.
    package typealias TerminalOpener = @Sendable (_ flags: OpenFlags, _ location: PathLocation, _ task: Task) throws(Errno) -> OpenFile

    /// A /dev with the devices that every program may have. `shm` is a directory to mount a `TmpFS` on; `pts` stays empty and opening `ptmx`
    /// is `ENXIO` until there are pseudo-terminals.
    package static func make(kernel: Kernel, terminal: TerminalOpener? = nil) throws(Errno) -> TmpFS {
        let fileSystem = TmpFS(kernel: kernel, permissions: 0o755, sizeLimit: 64 << 20, nodeLimit: 4096)
        let devices: [(String, CharacterDevice)] = [
            ("null", MemoryDevice(.null, minor: 3)), ("zero", MemoryDevice(.zero, minor: 5)), ("full", MemoryDevice(.full, minor: 7)),
            ("random", MemoryDevice(.random, minor: 8)), ("urandom", MemoryDevice(.random, minor: 9)),
            ("tty", TerminalDevice(terminal, minor: 0)), ("ptmx", CharacterDevice(major: 5, minor: 2)),
        ]
        if terminal != nil {
            // What the standard streams are when they are the terminal of whoever started the sandbox, as in other containers: /dev/pts is for its own ones.
            let owner = FileCredentials(user: kernel.configuration.user, group: kernel.configuration.group)
            try fileSystem.addDevice(Array("console".utf8), TerminalDevice(terminal, minor: 1), permissions: 0o620, owner: owner)
        }
        for (name, device) in devices { try fileSystem.addDevice(Array(name.utf8), device) }
        let links = [("fd", "/proc/self/fd"), ("stdin", "/proc/self/fd/0"), ("stdout", "/proc/self/fd/1"), ("stderr", "/proc/self/fd/2")]
        for (name, target) in links { try fileSystem.addSymbolicLink(Array(name.utf8), to: Array(target.utf8)) }
        try fileSystem.makeDirectories(Array("pts".utf8))
        try fileSystem.makeDirectories(Array("shm".utf8), permissions: 0o1777)
        return fileSystem
    }
}
