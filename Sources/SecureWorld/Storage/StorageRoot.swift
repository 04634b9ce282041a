/// An application's part of one of the storages.
struct StorageNamespaceName: Hashable, Sendable {
    let kind: StorageKind
    let application: TEEUUID

    /// What binds a file to its owner.
    func owner(serial: UInt64) -> [UInt8] {
        var writer = StorageRecordWriter()
        writer.add(kind.rawValue)
        writer.add(bytes: application.octets)
        writer.add(serial)
        return writer.bytes
    }
}

/// The index of a namespace: 2^depth pages, of which an object's is chosen by the low bits of a hash of its id. Pages without objects have no file.
struct StorageNamespace: Hashable, Sendable {
    static let maximumDepth: UInt8 = 16

    let name: StorageNamespaceName
    var depth: UInt8 = 0
    var count: UInt32 = 0
    var pages: [StorageReference?] = [nil]

    /// FNV-1a; an application that makes its ids collide makes its own pages long.
    func page(of id: [UInt8]) -> Int {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in id { hash = (hash ^ UInt64(byte)) &* 0x0100_0000_01b3 }
        return Int((hash ^ hash >> 32) & (1 << UInt64(depth) - 1))
    }
}

/// The state of a whole storage: what the counter file holds, and the root of the tree of tags.
struct StorageRoot: Hashable, Sendable {
    /// Changes since the storage came into being; 0 before the counter file is first written.
    var counter: UInt64 = 0
    /// Random; another storage under the same device key is another one.
    var identifier: [UInt8]
    /// The tag of the counter file before this one, by which a replay-protected memory that is one change behind is recognised.
    var previous = StorageTag.none
    /// The last number given to a file or an object.
    var lastNumber: UInt64 = 0
    /// Bytes of all files of objects.
    var storedSize: UInt64 = 0
    /// The counter of the first state that a replay-protected memory knew of; 0: none ever did.
    var anchoredSince: UInt64 = 0
    var namespaces: [StorageNamespaceName: StorageNamespace] = [:]
    /// Files that this change made superfluous; gone soon after it, at the latest when the storage is next opened.
    var obsolete: [StorageFileName] = []
    /// Damaged objects, any file of which is superfluous.
    var doomed: [UInt64] = []

    static let identifierSize = 16

    var encoded: [UInt8] {
        var writer = StorageRecordWriter()
        writer.add(bytes: identifier)
        writer.add(counter)
        writer.add(previous)
        writer.add(lastNumber)
        writer.add(storedSize)
        writer.add(anchoredSince)
        writer.add(UInt32(truncatingIfNeeded: namespaces.count))
        for namespace in namespaces.values {
            writer.add(namespace.name.kind.rawValue)
            writer.add(bytes: namespace.name.application.octets)
            writer.add(namespace.count)
            writer.add(namespace.depth)
            for page in namespace.pages { writer.add(page ?? StorageReference(number: 0, tag: .none)) }
        }
        writer.add(UInt32(truncatingIfNeeded: obsolete.count))
        for file in obsolete {
            writer.add(file.serial)
            writer.add(file.number)
        }
        writer.add(UInt32(truncatingIfNeeded: doomed.count))
        for serial in doomed { writer.add(serial) }
        return writer.bytes
    }

    init(identifier: [UInt8]) { self.identifier = identifier }

    init(decoding bytes: [UInt8]) throws(TEEResult) {
        var reader = StorageRecordReader(bytes)
        identifier = Array(try reader.take(Self.identifierSize))
        counter = try reader.integer()
        previous = try reader.tag()
        lastNumber = try reader.integer()
        storedSize = try reader.integer()
        anchoredSince = try reader.integer()
        for _ in 0..<(try reader.count(ofSize: 25 + StorageReference.size)) {
            guard let kind = StorageKind(rawValue: try reader.integer()), let application = TEEUUID(bigEndian: try reader.take(16)) else { throw .corruptObject }
            var namespace = StorageNamespace(name: StorageNamespaceName(kind: kind, application: application))
            namespace.count = try reader.integer()
            namespace.depth = try reader.integer()
            guard namespace.depth <= StorageNamespace.maximumDepth, (1 << Int(namespace.depth)) * StorageReference.size <= reader.remaining else { throw .corruptObject }
            namespace.pages = []
            for _ in 0..<(1 << Int(namespace.depth)) {
                let page = try reader.reference()
                namespace.pages.append(page.number == 0 ? nil : page)
            }
            namespaces[namespace.name] = namespace
        }
        for _ in 0..<(try reader.count(ofSize: 16)) { obsolete.append(StorageFileName(serial: try reader.integer(), number: try reader.integer())) }
        for _ in 0..<(try reader.count(ofSize: 8)) { doomed.append(try reader.integer()) }
        try reader.end()
        if counter == 0 { throw .corruptObject }
    }
}
