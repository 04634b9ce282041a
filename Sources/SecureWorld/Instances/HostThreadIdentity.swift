internal import Glibc

/// Which host thread calls.
enum HostThreadIdentity {
    static var current: UInt64 { UInt64(pthread_self()) }
}

/// What is in a folder of the host.
enum FolderListing {
    /// The names, at most 65,536; none for what cannot be read.
    static func names(_ path: String) -> [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while names.count < 65536, let entry = readdir(folder) {
            names.append(withUnsafeBytes(of: &entry.pointee.d_name) { bytes in String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self) })
        }
        return names
    }
}
