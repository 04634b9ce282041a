import LibraryOS

internal import Glibc

/// Where the program the user named is, on the host and in the sandbox.
struct ProgramPath {
    let named: String
    /// The absolute path on the host; nil with a root, where the host's files are not looked at.
    let hostPath: String?
    let guestPath: String

    /// A path is taken as it is, relative ones from the working directory; a name without a slash is looked up in PATH.
    static func find(_ configuration: SandboxConfiguration) throws(SandboxError) -> ProgramPath {
        let named = configuration.program
        let isPath = named.contains("/")
        if configuration.root != nil {
            return ProgramPath(named: named, hostPath: nil, guestPath: isPath ? named : try findInRoot(named, configuration))
        }
        if isPath {
            let absolute = named.hasPrefix("/") ? named : HostFolder.containing(named, configuration) + "/" + named
            if HostFolder.isFolder(absolute) { throw SandboxError(.notExecutable, "\(named): is a directory") }
            return ProgramPath(named: named, hostPath: absolute, guestPath: absolute)
        }
        for folder in ProgramEnvironment.path(configuration).split(separator: ":") {
            let candidate = folder + "/" + named
            if HostFolder.isFile(candidate), access(candidate, X_OK) == 0 {
                return ProgramPath(named: named, hostPath: candidate, guestPath: candidate)
            }
        }
        throw SandboxError(.notFound, "\(named): no such program in \(ProgramEnvironment.path(configuration))")
    }

    /// The path the program is started by: as the user wrote it where it leads to the same file from the sandbox's working directory, since a script is told
    /// its path ($0).
    func path(from workingDirectory: String) -> String {
        hostPath != nil && named.contains("/") && workingDirectory == HostFolder.current ? named : guestPath
    }

    private static func findInRoot(_ name: String, _ configuration: SandboxConfiguration) throws(SandboxError) -> String {
        let root = configuration.root ?? ""
        for folder in ProgramEnvironment.path(configuration).split(separator: ":") {
            // A link inside the root may be absolute: whether it leads anywhere is for the sandbox to find out.
            if HostFolder.exists(root + folder + "/" + name) { return folder + "/" + name }
        }
        throw SandboxError(.notFound, "\(name): no such program in \(ProgramEnvironment.path(configuration)) below \(root)")
    }

    /// The error of loading it, in the terms of the exit statuses 126 and 127.
    func failure(_ error: Errno) -> SandboxError {
        switch error {
        case .ENOENT:
            if let hostPath, HostFolder.exists(hostPath) {
                return SandboxError(.notFound, "\(named): it, or the interpreter it asks for, does not exist in the sandbox")
            }
            return SandboxError(.notFound, "\(named): no such file")
        case .ENOTDIR, .ENAMETOOLONG: return SandboxError(.notFound, "\(named): \(HostResources.text(error))")
        case .EACCES: return SandboxError(.notExecutable, "\(named): permission denied (not an executable file; chmod +x?)")
        case .ENOEXEC: return SandboxError(.notExecutable, "\(named): not a program this machine can run (not an x86-64 ELF file and no #! line)")
        case .ENOMEM: return SandboxError(.sandbox, "\(named): not enough memory to load it (--memory)")
        default: return SandboxError(.notExecutable, "\(named): \(HostResources.text(error))")
        }
    }
}

/// Questions about the host's folders.
enum HostFolder {
    static var current: String {
        guard let path = getcwd(nil, 0) else { return "/" }
        defer { free(path) }
        return String(cString: path)
    }
    static func exists(_ path: String) -> Bool {
        var attributes = stat()
        return lstat(path, &attributes) == 0
    }
    /// The folder that a relative path is meant from: the working directory asked for, when the program is there, or this process's.
    static func containing(_ path: String, _ configuration: SandboxConfiguration) -> String {
        guard let folder = configuration.workingDirectory, exists(folder + "/" + path) else { return current }
        return folder
    }
    static func isFolder(_ path: String) -> Bool { leads(path, to: S_IFDIR) }
    static func isFile(_ path: String) -> Bool { leads(path, to: S_IFREG) }
    private static func leads(_ path: String, to kind: mode_t) -> Bool {
        var attributes = stat()
        return stat(path, &attributes) == 0 && attributes.st_mode & S_IFMT == kind
    }
}

/// The environment a program starts with: PATH, HOME and TERM, and what was asked for.
enum ProgramEnvironment {
    static let standardPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    static func path(_ configuration: SandboxConfiguration) -> String {
        configuration.environment.last { $0.name == "PATH" }?.value ?? standardPath
    }

    static func build(_ configuration: SandboxConfiguration) -> [[UInt8]] {
        var values: [(name: String, value: String)] = [
            ("PATH", standardPath), ("HOME", "/"), ("TERM", getenv("TERM").map { String(cString: $0) } ?? "dumb"),
        ]
        for entry in configuration.environment {
            if let index = values.firstIndex(where: { $0.name == entry.name }) { values[index].value = entry.value } else { values.append(entry) }
        }
        return values.map { Array("\($0.name)=\($0.value)".utf8) }
    }
}

/// Where the program starts.
enum WorkingDirectory {
    /// The folder that was asked for, which has to be there; else the host's when it is granted, or "/".
    static func choose(_ configuration: SandboxConfiguration, _ kernel: Kernel, _ root: PathLocation) throws(SandboxError) -> String {
        let resolver = PathResolver(mounts: kernel.mounts, root: root, credentials: FileCredentials(user: 0, group: 0))
        func find(_ folder: String) throws(Errno) -> PathLocation {
            try resolver.resolve(Array(folder.utf8), from: root, [.followFinal, .mustBeDirectory])
        }
        if let wished = configuration.workingDirectory {
            do throws(Errno) { _ = try find(wished) } catch {
                throw SandboxError(.sandbox, "-w \(wished): \(HostResources.text(error)) in the sandbox (--ro, --rw or --tmpfs put a folder there)")
            }
            return wished
        }
        if configuration.root != nil { return "/" }
        let host = HostFolder.current
        // Only a granted folder counts, not one that merely leads to a granted file.
        return (try? find(host))?.inode.fileSystem is HostFS ? host : "/"
    }
}
