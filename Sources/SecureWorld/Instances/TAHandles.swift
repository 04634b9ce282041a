/// An object of an instance: transient, or open in trusted storage.
final class TAObject {
    /// Type, key material and usage.
    var key: CryptoObject
    /// The open object of trusted storage; nil: transient.
    var stored: TrustedObject?
    /// Position in the data stream.
    var position: UInt32 = 0
    /// TEE_DATA_FLAG_* it was opened with.
    var dataFlags: UInt32 { stored?.flags.rawValue ?? 0 }
    /// An operation or a call works with it now.
    var isBusy = false

    init(_ key: CryptoObject) { self.key = key }

    /// The same object again, for a snapshot; a stored one has one handle of the storage for both.
    init(copying other: TAObject) {
        key = CryptoObject(copying: other.key)
        stored = other.stored
        position = other.position
    }
}

/// An enumerator of stored objects; without `enumeration` it has not been started.
final class TAEnumerator {
    var enumeration: StorageEnumeration?
}

/// What an instance has allocated in the TEE. Only for whoever has entered it.
struct TAHandles {
    private(set) var objects: [UInt32: TAObject] = [:]
    private(set) var operations: [UInt32: TAOperation] = [:]
    private(set) var enumerators: [UInt32: TAEnumerator] = [:]
    /// Sessions with other applications.
    var sessions: Set<UInt32> = []
    private var next: UInt32 = 0x1000

    /// The most of each kind.
    private static let most = 65536

    /// A number that no kind uses. They look like the references of OP-TEE: small multiples.
    private mutating func number() -> UInt32 {
        repeat { next = next &+ 8 } while next == 0 || objects[next] != nil || operations[next] != nil || enumerators[next] != nil
        return next
    }

    mutating func add(_ object: TAObject) throws(TEEResult) -> UInt32 {
        guard objects.count < Self.most else { throw .outOfMemory }
        let handle = number()
        objects[handle] = object
        return handle
    }
    mutating func add(_ operation: TAOperation) throws(TEEResult) -> UInt32 {
        guard operations.count < Self.most else { throw .outOfMemory }
        let handle = number()
        operations[handle] = operation
        return handle
    }
    mutating func add(_ enumerator: TAEnumerator) throws(TEEResult) -> UInt32 {
        guard enumerators.count < Self.most else { throw .outOfMemory }
        let handle = number()
        enumerators[handle] = enumerator
        return handle
    }

    /// `badParameters` for a number that is no object's.
    func object(_ handle: UInt32) throws(TEEResult) -> TAObject {
        guard let object = objects[handle] else { throw .badParameters }
        return object
    }
    /// `badParameters` for a number that is no operation's.
    func operation(_ handle: UInt32) throws(TEEResult) -> TAOperation {
        guard let operation = operations[handle] else { throw .badParameters }
        return operation
    }
    /// `badParameters` for a number that is no enumerator's.
    func enumerator(_ handle: UInt32) throws(TEEResult) -> TAEnumerator {
        guard let enumerator = enumerators[handle] else { throw .badParameters }
        return enumerator
    }

    mutating func removeObject(_ handle: UInt32) { objects.removeValue(forKey: handle)?.stored?.close() }
    mutating func removeOperation(_ handle: UInt32) { operations[handle] = nil }
    mutating func removeEnumerator(_ handle: UInt32) { enumerators[handle] = nil }

    /// The same handles with objects, operations and enumerators of their own, for a snapshot. What libcrypto cannot copy is an error.
    func duplicate() throws(TEEResult) -> TAHandles {
        var result = TAHandles()
        var copies: [ObjectIdentifier: TAObject] = [:]
        func copy(_ object: TAObject?) -> TAObject? {
            guard let object else { return nil }
            if let known = copies[ObjectIdentifier(object)] { return known }
            let made = TAObject(copying: object)
            copies[ObjectIdentifier(object)] = made
            return made
        }
        for (handle, object) in objects { result.objects[handle] = copy(object) }
        for (handle, operation) in operations {
            let made = try TAOperation(operation.algorithm, operation.mode, key: copy(operation.key), secondKey: copy(operation.secondKey))
            try made.copy(from: operation)
            result.operations[handle] = made
        }
        for (handle, enumerator) in enumerators {
            let made = TAEnumerator()
            made.enumeration = enumerator.enumeration?.copy()
            result.enumerators[handle] = made
        }
        result.sessions = sessions
        result.next = next
        return result
    }

    /// The instance is over; its sessions with others are closed by whoever can wait for that.
    mutating func closeAll() {
        for object in objects.values { object.stored?.close() }
        objects = [:]
        operations = [:]
        enumerators = [:]
    }
}
