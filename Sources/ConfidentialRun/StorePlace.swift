internal import GuestHost
internal import LibraryOS
internal import Skerry

/// Where the sandbox sees its sealed store. On the host there is an empty folder in memory instead, so that the path exists in the image.
struct StorePlace {
    private let path: String
    private var bytes: [UInt8] { Array(path.utf8) }

    init(_ store: ConfidentialRun.Store) { path = store.path }

    private func refusal(_ reason: String) -> SandboxError { SandboxError(usage: "--store: \(path): \(reason)") }

    /// The sandbox with that folder.
    ///
    /// - Throws: 125 for a path at which nothing can be mounted, or which something else has.
    func added(to configuration: SandboxConfiguration, _ settings: ConfidentialRun.Settings) throws(SandboxError) -> SandboxConfiguration {
        let names = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        guard path.hasPrefix("/"), path.utf8.count < 4096, !names.isEmpty, !names.contains(where: { ["", ".", ".."].contains($0) }) else {
            throw refusal("an absolute path inside the sandbox, without empty names, . and ..")
        }
        if SandboxMounts.system(of: path) != nil { throw refusal("a confidential guest makes what is there itself; choose another path, such as /store") }
        if settings.secrets != nil, isOver("/run/secrets") || "/run/secrets".isAtOrAbove(path) { throw refusal("secrets are in /run/secrets; choose another path, such as /store") }
        for (option, other) in configuration.grants.map({ ("--ro", $0.guest) }) + configuration.temporary.map({ ("--tmpfs", $0) }) where isOver(other) {
            throw refusal("the store would hide \(option) \(other); choose another path")
        }
        for connection in settings.connections where isOver(connection.path) {
            throw refusal("--connect \(connection.path) lies in the store; choose another path for the socket")
        }
        var result = configuration
        result.temporary.append(path)
        return result
    }

    private func isOver(_ other: String) -> Bool { path.isAtOrAbove(other) }

    /// The mounts without the folder.
    ///
    /// - Throws: 125 when something lies below it, or it lies elsewhere than its path says.
    func removed(from mounts: [Manifest.Mount]) throws(SandboxError) -> [Manifest.Mount] {
        guard mounts.contains(.temporary(bytes)) else { throw refusal("a symbolic link is on the way to it; name the path that it leads to") }
        let rest = mounts.filter { $0 != .temporary(bytes) }
        if let hidden = rest.first(where: { isOver(String(decoding: $0.path, as: UTF8.self)) }) {
            throw refusal("the store would hide \(String(decoding: hidden.path, as: UTF8.self)), which the program needs; choose another path")
        }
        return rest
    }
}

extension String {
    /// Whether a path is this folder, or lies in it.
    fileprivate func isAtOrAbove(_ other: String) -> Bool { other == self || other.utf8.starts(with: "\(self)/".utf8) }
}
