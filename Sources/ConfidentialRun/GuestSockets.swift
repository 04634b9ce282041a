internal import Confidential
internal import ConfidentialABI
internal import LibraryOS
internal import Skerry

/// What a guest's streams lead to: what the command line names, and nothing else.
enum GuestSockets {
    /// The name of the stream to who gives secrets. Those of `--connect` are paths, which begin with a slash.
    static let secrets = Array("secrets".utf8)
    private static let certificates = Array(SKERRY_RELEASE_CERTIFICATES_STREAM.utf8)

    /// The streams of a run. `certificates` are for who gives secrets: those of the host's processor.
    ///
    /// - Throws: `requirement` for an address that leads nowhere.
    static func streams(_ settings: ConfidentialRun.Settings, certificates: [UInt8]) throws(SNPError) -> NamedStreams {
        var (addresses, contents) = ([[UInt8]: StreamAddress](), [[UInt8]: [UInt8]]())
        for connection in settings.connections { addresses[Array(connection.path.utf8)] = connection.address }
        if let source = settings.secrets {
            addresses[secrets] = source.address
            if !certificates.isEmpty { contents[self.certificates] = certificates }
        }
        return try NamedStreams(addresses, contents: contents)
    }

    /// Whether the sockets can be made in the sandbox.
    static func check(_ connections: [ConfidentialRun.Connection], _ view: SandboxView) throws(SandboxError) {
        var paths: Set<String> = []
        let tree = MountTree(kernel: view.kernel, root: view.root)
        for path in connections.map(\.path) {
            func refuse(_ reason: String) -> SandboxError { SandboxError(usage: "--connect \(path): \(reason)") }
            guard path.utf8.count <= 107 else { throw refuse("the path of a socket has at most 107 bytes") }
            let names = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
            guard path.hasPrefix("/"), !names.isEmpty, !names.contains(where: { ["", ".", ".."].contains($0) }) else {
                throw refuse("an absolute path inside the sandbox, without empty names, . and ..")
            }
            if SandboxMounts.system(of: path) != nil {
                throw refuse("a confidential guest makes what is there itself; choose another path, such as /run/NAME")
            }
            guard paths.insert(path).inserted else { throw refuse("named twice") }
            if (try? tree.locate(Array(path.utf8))) != nil { throw refuse("there is something at this path already; choose another one") }
            if isReadOnly(names.dropLast(), tree) { throw refuse("nothing can be made in a folder that is granted for reading; choose another path, such as /run/NAME") }
        }
    }

    /// Whether the deepest of these folders that there is shows files of the host as they are.
    private static func isReadOnly(_ names: ArraySlice<Substring>, _ tree: MountTree) -> Bool {
        var names = names
        while true {
            if let place = try? tree.locate(Array(("/" + names.joined(separator: "/")).utf8)) { return place.mount.fileSystem is HostFS }
            if names.popLast() == nil { return false }
        }
    }
}
