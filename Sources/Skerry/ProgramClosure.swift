import LibraryOS
import Monitor

/// What a program file needs in order to start: its interpreter and its libraries, and every symbolic link on the way to them.
///
/// Found the way ld.so(8) finds them, without running anything: DT_RPATH, DT_RUNPATH, ld.so.cache, the default folders. More than ld.so would take may
/// be named (every hwcaps variant in the cache); what is missing is left to the program's own loader to report. Nothing in a malformed file does more
/// than end the search in that file.
struct ProgramClosure {
    enum Item: Hashable {
        /// A regular file by its path without links.
        case file([UInt8])
        /// A symbolic link and its target.
        case link([UInt8], [UInt8])
    }

    let host: LinuxHost
    private static let maximumObjects = 1024
    private static let defaultFolders = ["/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib64", "/usr/lib64", "/lib", "/usr/lib", "/usr/local/lib"]
    private static let defaultPath = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"]

    /// The items of a program, links before what they lead to.
    func items(of program: [UInt8]) -> [Item] {
        var search = Search(host: host)
        search.add(program: program, depth: 0)
        return search.items
    }

    /// One search: what was found, and what is still to be looked into.
    private struct Search {
        let host: LinuxHost
        private(set) var items: [Item] = []
        private var known: Set<Item> = []
        private var cache: LibraryCache?
        /// Paths that were looked at and are no links: folders, mostly, which libraries share.
        private var notLinks: Set<[UInt8]> = []

        init(host: LinuxHost) { self.host = host }

        mutating func add(program: [UInt8], depth: Int) {
            guard depth <= 4, let file = record(program) else { return }
            if let script = host.contents(of: file, limit: 256), script.starts(with: "#!".utf8) {
                addInterpreter(script.dropFirst(2).prefix { $0 != 0x0a }, depth)
            } else if let object = ELFObject(host: host, path: file) {
                addLibraries(of: object, at: file)
            }
        }

        /// The `#!` line: an interpreter, and for env(1) the program it is told to find.
        private mutating func addInterpreter(_ line: ArraySlice<UInt8>, _ depth: Int) {
            let words = line.split { $0 == 0x20 || $0 == 0x09 || $0 == 0x0d }
            guard let interpreter = words.first else { return }
            add(program: Array(interpreter), depth: depth + 1)
            guard interpreter.split(separator: 0x2f).last.map({ Array($0) }) == Array("env".utf8) else { return }
            guard let name = words.dropFirst().first(where: { $0.first != 0x2d && !$0.contains(0x3d) }) else { return }
            for folder in ProgramClosure.defaultPath {
                let path = Array(folder.utf8) + [0x2f] + name
                if host.isRegularFile(path) { return add(program: path, depth: depth + 1) }
            }
        }

        private mutating func addLibraries(of program: ELFObject, at path: [UInt8]) {
            guard let interpreter = program.interpreter, let loader = record(interpreter) else { return }
            var objects = [(program, path, [] as [[UInt8]])]
            var seen: Set<[UInt8]> = [loader]
            if cache == nil {
                cache = LibraryCache(host.contents(of: Array("/etc/ld.so.cache".utf8), limit: 64 << 20) ?? [])
                _ = record(Array("/etc/ld.so.cache".utf8))
            }
            while let (object, place, inherited) = objects.popLast(), seen.count < ProgramClosure.maximumObjects {
                let origin = Array(place[..<(place.lastIndex(of: 0x2f) ?? 0)])
                let ownPath = object.rpath.map { ELFObject.expanded($0, origin: origin) }
                // DT_RPATH counts for what is loaded on behalf of an object too, and not at all where there is a DT_RUNPATH.
                let rpaths = object.runpath.isEmpty ? ownPath + inherited : []
                let folders = rpaths + object.runpath.map { ELFObject.expanded($0, origin: origin) }
                // glibc opens libgcc_s itself when a thread is cancelled or a stack is unwound.
                let opened = object.needed.contains(Array("libc.so.6".utf8)) ? [Array("libgcc_s.so.1".utf8)] : []
                for name in object.needed + opened {
                    let wanted = ELFObject.expanded(name, origin: origin)
                    let cached = wanted.contains(0x2f) ? [] : cache?.candidates(wanted) ?? []
                    for candidate in candidates(wanted, folders, cached) {
                        guard let library = ELFObject(host: host, path: candidate), let file = record(candidate) else { continue }
                        if seen.insert(file).inserted { objects.append((library, file, ownPath + inherited)) }
                        // Which of the variants in the cache the loader takes depends on the processor: all are named.
                        if !cached.contains(candidate) { break }
                    }
                }
            }
        }

        /// Where a library may be, in the loader's order.
        private func candidates(_ name: [UInt8], _ folders: [[UInt8]], _ cached: [[UInt8]]) -> [[UInt8]] {
            if name.contains(0x2f) { return [name] }
            let inFolders = folders.map { $0 + [0x2f] + name }
            let defaults = ProgramClosure.defaultFolders.map { Array($0.utf8) + [0x2f] + name }
            return inFolders + cached + defaults
        }

        /// Records the links on the way to a file, and the file; the path without links, or nil when it is not a regular file.
        private mutating func record(_ path: [UInt8]) -> [UInt8]? {
            var rest = path.split(separator: 0x2f).map { Array($0) }
            guard path.first == 0x2f else { return nil }
            rest.reverse()
            var here: [UInt8] = []
            var links: [Item] = []
            while let component = rest.popLast() {
                if component == [0x2e] { continue }
                if component == [0x2e, 0x2e] {
                    here = Array(here[..<(here.lastIndex(of: 0x2f) ?? 0)])
                    continue
                }
                let next = here + [0x2f] + component
                guard !notLinks.contains(next), let target = host.linkTarget(next) else {
                    notLinks.insert(next)
                    here = next
                    continue
                }
                if links.count >= 40 { return nil }
                links.append(.link(next, target))
                if target.first == 0x2f { here = [] }
                rest.append(contentsOf: target.split(separator: 0x2f).map { Array($0) }.reversed())
            }
            guard host.isRegularFile(here) else { return nil }
            for item in links + [.file(here)] where known.insert(item).inserted { items.append(item) }
            return here
        }
    }
}

extension LinuxHost {
    /// The target of a symbolic link; nil for everything else.
    fileprivate func linkTarget(_ path: [UInt8]) -> [UInt8]? {
        guard let file = try? openGrant(path, followingLinks: false), (try? attributes(of: file))?.kind == .symbolicLink else { return nil }
        return try? readLink(file)
    }

    fileprivate func isRegularFile(_ path: [UInt8]) -> Bool {
        guard let file = try? openGrant(path) else { return false }
        return (try? attributes(of: file))?.kind == .regular
    }

    /// At most `limit` bytes of a regular file.
    func contents(of path: [UInt8], limit: Int) -> [UInt8]? {
        guard let handle = try? openGrant(path), let attributes = try? attributes(of: handle), attributes.kind == .regular,
            let file = try? reopen(handle, flags: 0)
        else { return nil }
        let size = Int(min(Int64(limit), attributes.size))
        return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            let memory = UnsafeMutableRawBufferPointer(buffer)
            while count < size {
                let step = (try? read(file, into: [UnsafeMutableRawBufferPointer(rebasing: memory[count..<size])], at: Int64(count))) ?? 0
                if step <= 0 { break }
                count += step
            }
        }
    }
}
