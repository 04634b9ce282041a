import Synchronization

/// The mappings of each instance; they outlast sessions, and go with the instance.
final class MappingTable: Sendable {
    private struct Entry {
        weak var instance: TAInstance?
        let mappings: ApplicationMappings
    }
    private let entries = Mutex<[ObjectIdentifier: Entry]>([:])

    /// Those of an instance.
    func mappings(of instance: TAInstance) -> ApplicationMappings {
        entries.withLock { entries in
            let key = ObjectIdentifier(instance)
            if let entry = entries[key], entry.instance === instance { return entry.mappings }
            entries = entries.filter { $0.value.instance != nil }
            let mappings = ApplicationMappings(instance, limit: instance.world.configuration.memoryLimit)
            entries[key] = Entry(instance: instance, mappings: mappings)
            return mappings
        }
    }
}
