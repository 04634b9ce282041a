@testable import LibraryOS

/// A sandbox with a file system in a store at /s.
struct StoredSandbox {
    let kernel: TestKernel
    let store: MemoryFileStore
    let files: StoredFS
    let root: TmpDirectory
    let owner = FileCredentials(user: 1000, group: 1000)

    init(_ store: MemoryFileStore = MemoryFileStore(), frames: Int = 16384, cacheLimit: UInt64 = 16 << 20) throws {
        self.store = store
        kernel = TestKernel(frames: frames)
        files = try StoredFS(kernel: kernel.kernel, store: store, cacheLimit: cacheLimit)
        guard let root = files.rootDirectory else { throw Errno.ENOENT }
        self.root = root
        try kernel.rootFileSystem.makeDirectories(bytes("s"))
        try kernel.kernel.mounts.mount(files, at: try kernel.locate("/s"))
    }

    /// The machine stops; what is found when it runs again.
    func afterCrash() throws -> StoredSandbox {
        files.release()
        return try StoredSandbox(store.afterCrash())
    }
    func afterCommit() throws -> StoredSandbox {
        try files.commit()
        return try afterCrash()
    }

    func node(_ path: String) throws(Errno) -> TmpNode {
        guard let node = try kernel.locate("/s/" + path, []).inode as? TmpNode else { throw .ENOENT }
        return node
    }
    func file(_ path: String) throws(Errno) -> TmpFile {
        guard let file = try node(path) as? TmpFile else { throw .EISDIR }
        return file
    }
    @discardableResult func make(_ path: String, _ content: [UInt8] = []) throws(Errno) -> TmpFile {
        try files.addFile(bytes(path), content, owner: owner)
    }

    @discardableResult static func write(_ file: TmpFile, _ content: [UInt8], at offset: Int64?) throws(Errno) -> Int {
        var content = content
        var result: Result<Int, Errno> = .success(0)
        content.withUnsafeMutableBytes { memory in
            var buffers = UserBuffers(kernel: memory)
            do throws(Errno) {
                result = .success(try file.write(&buffers, at: offset, credentials: FileCredentials(user: 0, group: 0)).count)
            } catch { result = .failure(error) }
        }
        return try result.get()
    }
    static func read(_ file: TmpFile, at offset: Int64 = 0, count: Int? = nil) throws(Errno) -> [UInt8] {
        var content = [UInt8](repeating: 0xee, count: count ?? Int(file.object.size))
        var result: Result<Int, Errno> = .success(0)
        content.withUnsafeMutableBytes { memory in
            var buffers = UserBuffers(kernel: memory)
            do throws(Errno) { result = .success(try file.object.read(&buffers, at: offset)) } catch { result = .failure(error) }
        }
        return Array(content[..<(try result.get())])
    }
    func read(_ path: String) throws(Errno) -> [UInt8] { try Self.read(try file(path)) }
}

/// Bytes that differ from page to page and from file to file.
func pattern(_ count: Int, seed: Int = 1) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(count + 4096)
    for page in 0..<(count + 4095) / 4096 {
        result.append(contentsOf: [UInt8(truncatingIfNeeded: page), UInt8(truncatingIfNeeded: page >> 8), UInt8(truncatingIfNeeded: seed)])
        result.append(contentsOf: ramp[3...])
    }
    result.removeLast(result.count - count)
    return result
}
private let ramp = (0..<4096).map { UInt8($0 % 251) }
