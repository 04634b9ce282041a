extension ObjectStore {
    /// Objects of a page on average, beyond which an index gets twice the pages.
    private static let objectsPerPage: UInt32 = 64

    /// The entry of an object; nil when there is none.
    func find(_ id: [UInt8], in name: StorageNamespaceName) throws(TEEResult) -> StorageIndexEntry? {
        guard let namespace = root.namespaces[name] else { return nil }
        return try entries(of: namespace, page: namespace.page(of: id)).first { $0.id == id }
    }

    /// All entries of a namespace in the order in which the objects came into being.
    func entries(in name: StorageNamespaceName) throws(TEEResult) -> [StorageIndexEntry] {
        guard let namespace = root.namespaces[name] else { return [] }
        var all: [StorageIndexEntry] = []
        for page in namespace.pages.indices { all += try entries(of: namespace, page: page) }
        return all.sorted { $0.serial < $1.serial }
    }

    /// The entries of one page.
    func entries(of namespace: StorageNamespace, page: Int) throws(TEEResult) -> [StorageIndexEntry] {
        guard let reference = namespace.pages[page] else { return [] }
        let name = PageName(namespace: namespace.name, index: page)
        if let known = pages[name] { return known }
        let plaintext = try open(
            StorageFileName(serial: 0, number: reference.number), .page, reference.tag, key: try pageKey(namespace.name.application),
            owner: namespace.name.owner(serial: 0))
        let entries = try StorageIndexEntry.decode(plaintext)
        pages[name] = entries
        return entries
    }

    private func entries(of namespace: StorageNamespace, page: Int, _ change: StorageChange) throws(TEEResult) -> [StorageIndexEntry] {
        if let changed = change.pages[PageName(namespace: namespace.name, index: page)] { return changed }
        return try entries(of: namespace, page: page)
    }

    /// Enters an object, in the place of one of the same id if there is one.
    func insert(_ entry: StorageIndexEntry, in name: StorageNamespaceName, _ change: inout StorageChange) throws(TEEResult) {
        var namespace = change.root.namespaces[name] ?? StorageNamespace(name: name)
        let page = namespace.page(of: entry.id)
        var entries = try entries(of: namespace, page: page, change)
        if let place = entries.firstIndex(where: { $0.id == entry.id }) {
            entries[place] = entry
        } else {
            entries.append(entry)
            namespace.count &+= 1
        }
        change.pages[PageName(namespace: name, index: page)] = entries
        if namespace.count > Self.objectsPerPage << UInt32(namespace.depth) && namespace.depth < StorageNamespace.maximumDepth { try grow(&namespace, &change) }
        change.root.namespaces[name] = namespace
    }

    /// Takes an object out.
    func remove(_ id: [UInt8], in name: StorageNamespaceName, _ change: inout StorageChange) throws(TEEResult) {
        guard var namespace = change.root.namespaces[name] else { return }
        let page = namespace.page(of: id)
        var entries = try entries(of: namespace, page: page, change)
        guard let place = entries.firstIndex(where: { $0.id == id }) else { return }
        entries.remove(at: place)
        namespace.count = namespace.count == 0 ? 0 : namespace.count - 1
        change.pages[PageName(namespace: name, index: page)] = entries
        change.root.namespaces[name] = namespace
        if namespace.count == 0 { drop(namespace, &change) }
    }

    /// Takes a whole index out.
    func drop(_ namespace: StorageNamespace, _ change: inout StorageChange) {
        change.obsolete += namespace.pages.compactMap { $0.map { StorageFileName(serial: 0, number: $0.number) } }
        change.pages = change.pages.filter { $0.key.namespace != namespace.name }
        change.root.namespaces[namespace.name] = nil
    }

    private func grow(_ namespace: inout StorageNamespace, _ change: inout StorageChange) throws(TEEResult) {
        var all: [StorageIndexEntry] = []
        for page in namespace.pages.indices { all += try entries(of: namespace, page: page, change) }
        drop(namespace, &change)
        namespace.depth += 1
        namespace.pages = [StorageReference?](repeating: nil, count: 1 << Int(namespace.depth))
        for page in namespace.pages.indices { change.pages[PageName(namespace: namespace.name, index: page)] = [] }
        for entry in all { change.pages[PageName(namespace: namespace.name, index: namespace.page(of: entry.id))]?.append(entry) }
    }
}
