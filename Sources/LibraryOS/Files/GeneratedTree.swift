/// A fixed tree of generated files, as data.
indirect enum GeneratedEntry: Sendable {
    case file(UInt32, GeneratedFile.Content, GeneratedFile.Store?)
    case directory([(StaticString, GeneratedEntry)])
    case link(@Sendable (Task) throws(Errno) -> [UInt8])
    /// A magic link, and what it shows.
    case jump(@Sendable (Task) throws(Errno) -> PathLocation, @Sendable (Task) throws(Errno) -> [UInt8])
    case processors(Int)

    /// A file that everybody reads.
    static func text(_ content: @escaping GeneratedFile.Content) -> GeneratedEntry { .file(0o444, content, nil) }
    /// A file that says the same for ever.
    static func constant(_ value: StaticString) -> GeneratedEntry {
        .file(0o444, { _ throws(Errno) in value.withUTF8Buffer { Array($0) } }, nil)
    }

    var kind: FileKind {
        switch self {
        case .file: .regular
        case .directory, .processors: .directory
        case .link, .jump: .symbolicLink
        }
    }

    func makeInode(_ fileSystem: FileSystem, _ number: UInt64) -> Inode {
        switch self {
        case .file(let permissions, let content, let store):
            GeneratedFile(fileSystem: fileSystem, number: number, permissions: permissions, polled: .always, store: store, content: content)
        case .directory(let entries): FixedDirectory(fileSystem: fileSystem, number: number, entries: entries)
        case .link(let target): GeneratedLink(fileSystem: fileSystem, number: number, target: target)
        case .jump(let jump, let target): GeneratedLink(fileSystem: fileSystem, number: number, jump: jump, target: target)
        case .processors(let count): ProcessorDirectory(fileSystem: fileSystem, number: number, count: count)
        }
    }
}

/// A directory with the entries of a `GeneratedEntry.directory`.
class FixedDirectory: GeneratedDirectory, @unchecked Sendable {
    private let entries: [(StaticString, GeneratedEntry)]

    init(
        fileSystem: FileSystem, number: UInt64, permissions: UInt32 = 0o555, owner: FileCredentials = FileCredentials(user: 0, group: 0),
        entries: [(StaticString, GeneratedEntry)]
    ) {
        self.entries = entries
        super.init(fileSystem: fileSystem, number: number, permissions: permissions, owner: owner)
    }
    override func names() throws(Errno) -> [Name] {
        entries.map { entry in Name(entry.0.withUTF8Buffer { Array($0) }, entry.1.kind) }
    }
    override func lookup(_ name: [UInt8]) throws(Errno) -> Inode {
        for (candidate, entry) in entries where candidate.withUTF8Buffer({ $0.elementsEqual(name) }) {
            return entry.makeInode(fileSystem, number(of: name))
        }
        throw .ENOENT
    }
}
