/// The content of /dev.
package enum DevFS {
    /// A /dev with the devices that every program may have. `shm` and `pts` are directories to mount a `TmpFS` and the pseudo-terminals on; `terminal` is the
    /// one the sandbox was given, `plugged` are the devices of other modules.
    package static func make(kernel: Kernel, terminal: HostTerminal? = nil, plugged: [PluggedDevice] = []) throws(Errno) -> TmpFS {
        let fileSystem = TmpFS(kernel: kernel, permissions: 0o755, sizeLimit: 64 << 20, nodeLimit: 4096)
        let devices: [(String, CharacterDevice)] = [
            ("null", MemoryDevice(.null, minor: 3)), ("zero", MemoryDevice(.zero, minor: 5)), ("full", MemoryDevice(.full, minor: 7)),
            ("random", MemoryDevice(.random, minor: 8)), ("urandom", MemoryDevice(.random, minor: 9)),
            ("tty", ControllingTerminalDevice()), ("ptmx", MultiplexerDevice(kernel.terminals)),
        ]
        if let terminal {
            // What the standard streams are when they are the terminal of whoever started the sandbox, as in other containers: /dev/pts is for its own ones.
            let owner = FileCredentials(user: kernel.configuration.user, group: kernel.configuration.group)
            try fileSystem.addDevice(Array("console".utf8), ConsoleDevice(terminal), permissions: 0o620, owner: owner)
        }
        for (name, device) in devices { try fileSystem.addDevice(Array(name.utf8), device) }
        for device in plugged { try fileSystem.addDevice(Array(device.name.utf8), PluggedCharacterDevice(device), permissions: device.permissions) }
        let links = [("fd", "/proc/self/fd"), ("stdin", "/proc/self/fd/0"), ("stdout", "/proc/self/fd/1"), ("stderr", "/proc/self/fd/2")]
        for (name, target) in links { try fileSystem.addSymbolicLink(Array(name.utf8), to: Array(target.utf8)) }
        try fileSystem.makeDirectories(Array("pts".utf8))
        try fileSystem.makeDirectories(Array("shm".utf8), permissions: 0o1777)
        return fileSystem
    }
}
