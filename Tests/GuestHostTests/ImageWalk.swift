import Confidential
import GuestHost
import LibraryOS

/// All that can be seen of a root image through `RingHost`, as lines of text: two walks that see the same are equal.
struct ImageWalk {
    private let host: RingHost
    private(set) var lines: [String] = []
    /// What is left to look at, so that a crafted image cannot keep the test busy.
    private var patience: Int

    init(_ host: RingHost, patience: Int = 5000) {
        self.host = host
        self.patience = patience
        look(host.rootDirectory, "")
    }

    private mutating func look(_ file: HostFile, _ path: String) {
        patience -= 1
        if patience < 0 { return }
        do throws(Errno) {
            let attributes = try host.attributes(of: file)
            var line = "\(path) \(attributes.inode) \(String(attributes.mode, radix: 8)) \(attributes.user):\(attributes.group) \(attributes.links) \(attributes.size) "
            line += "\(attributes.modificationTime) \(attributes.deviceNumber) "
            switch attributes.kind {
            case .regular: line += try content(file, attributes.size)
            case .symbolicLink: line += "-> " + (try host.readLink(file)).hexadecimal
            default: break
            }
            lines.append(line)
            if attributes.kind == .directory { try list(file, path) }
        } catch { lines.append("\(path): errno \(error.code)") }
    }

    private mutating func list(_ folder: HostFile, _ path: String) throws(Errno) {
        let handle = try host.reopen(folder, flags: 0o200000)
        var (names, place) = ([HostDirectoryEntry](), Int64(0))
        while true {
            let entries = try host.readDirectory(handle, from: place)
            guard let last = entries.last, names.count < 3000 else { break }
            names += entries
            place = last.offset
        }
        for entry in names where entry.name != [0x2e] && entry.name != [0x2e, 0x2e] {
            let name = String(entry.name.hexadecimal.prefix(40))
            do throws(Errno) {
                let file = try host.open(beneath: folder, entry.name, flags: 0o10000000, mode: 0)
                let components = try? host.components(of: file, below: host.rootDirectory)
                lines.append("\(path)/\(name) is \(entry.inode), type \(entry.type), \(components?.count ?? -1) deep")
                if path.count < 400 { look(file, path + "/" + name) }
            } catch { lines.append("\(path)/\(name): errno \(error.code)") }
        }
    }

    /// A digest of the content, read in pieces of an odd size.
    private mutating func content(_ file: HostFile, _ size: Int64) throws(Errno) -> String {
        let handle = try host.reopen(file, flags: 0)
        let limit = min(size, 1 << 20)
        var (bytes, buffer) = ([UInt8](), [UInt8](repeating: 0, count: 50_001))
        while Int64(bytes.count) < limit {
            let result = buffer.withUnsafeMutableBytes { raw -> Result<Int, Errno> in
                let halves = [UnsafeMutableRawBufferPointer(rebasing: raw[..<17]), UnsafeMutableRawBufferPointer(rebasing: raw[17...])]
                do throws(Errno) { return .success(try host.read(handle, into: halves, at: Int64(bytes.count))) } catch { return .failure(error) }
            }
            let count = try result.get()
            if count == 0 { break }
            bytes += buffer[..<count]
        }
        return "\(bytes.count) " + LibCryptoHasher().digest(bytes).bytes.hexadecimal
    }
}

/// A host end with this image, and `RingHost` over it.
struct ImageBed {
    let ring: RingBed
    let host: RingHost

    init(_ bytes: [UInt8], _ identity: RootImageIdentity, cachedBlocks: Int = 2048, cachedNodes: Int = 256, deviations: [RingDeviation] = []) throws {
        ring = try RingBed(root: bytes, deviations: deviations)
        let image = try RootImage(ring.ring, identity, hasher: LibCryptoHasher(), cachedBlocks: cachedBlocks, cachedNodes: cachedNodes)
        host = try RingHost(ring: ring.ring, image: image)
    }
}
