internal import Confidential
internal import Glibc
internal import Skerry

/// The root that certifies simulated secure processors of this user. Its keys are kept, as making them takes seconds: $XDG_DATA_HOME/skerry/snp/simulated-root.
///
/// Whoever can read that file can make reports that verify under this root, as can the host of every simulated guest: nothing is confidential.
enum SimulatedRoot {
    private static let product = ProcessorProduct.genoa

    static func authority() throws(SNPError) -> TestAuthority {
        let path = folder + "/simulated-root"
        if let bytes = read(path), let parts = Self.parts(bytes) {
            // What is damaged is made anew.
            do throws(SNPError) {
                return try TestAuthority(product, keys: (parts[0], parts[1], parts[2]), certificates: (parts[3], parts[4], parts[5]))
            } catch {}
        }
        let made = try TestAuthority(product)
        // One that cannot be kept is made anew by the next run.
        keep(file(made), path)
        return made
    }

    /// Three keys and three certificates, each as its size in 4 bytes, little-endian, and its bytes.
    private static func file(_ authority: TestAuthority) -> [UInt8] {
        let keys = authority.keys
        return [keys.root, keys.intermediate, keys.loadedIntermediate, authority.ark, authority.ask, authority.asvk].reduce(into: []) { file, part in
            for shift in stride(from: 0, to: 32, by: 8) { file.append(UInt8(truncatingIfNeeded: part.count >> shift)) }
            file += part
        }
    }

    private static func parts(_ file: [UInt8]) -> [[UInt8]]? {
        var (rest, parts): (ArraySlice<UInt8>, [[UInt8]]) = (file[...], [])
        while rest.count >= 4 {
            let size = rest.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
            rest = rest.dropFirst(4)
            guard size <= rest.count else { return nil }
            parts.append(Array(rest.prefix(size)))
            rest = rest.dropFirst(size)
        }
        return rest.isEmpty && parts.count == 6 ? parts : nil
    }

    private static var folder: String {
        if let data = getenv("XDG_DATA_HOME").map({ String(cString: $0) }), data.hasPrefix("/") { return data + "/skerry/snp" }
        return (getenv("HOME").map { String(cString: $0) } ?? "/root") + "/.local/share/skerry/snp"
    }

    private static func read(_ path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        return count > 0 ? Array(bytes.prefix(count)) : nil
    }

    /// Whole or not at all: two runs may do this at once.
    private static func keep(_ bytes: [UInt8], _ path: String) {
        var made = ""
        for name in folder.split(separator: "/") {
            made += "/" + name
            mkdir(made, 0o700)
        }
        let draft = path + ".\(getpid())"
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return }
        let written = write(descriptor, bytes, bytes.count)
        close(descriptor)
        if written != bytes.count || rename(draft, path) != 0 { unlink(draft) }
    }
}
