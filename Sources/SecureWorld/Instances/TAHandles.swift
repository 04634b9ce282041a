import LibraryOS

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
    fileprivate var charge: HandleCharge?

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
    fileprivate(set) var enumeration: StorageEnumeration?
    fileprivate var charge: HandleCharge?
    /// For the identifiers of the enumeration.
    fileprivate var identifiersCharge: HandleCharge?
}

/// What is kept for an application counts as its memory does, as long as it is kept: otherwise it could have the host keep gigabytes.
final class HandleCharge {
    private let memory: PhysicalMemory
    private let bytes: Int

    /// `outOfMemory` when the limit has no room for so many bytes.
    init(_ memory: PhysicalMemory, _ bytes: Int) throws(TEEResult) {
        self.memory = memory
        self.bytes = bytes
        guard memory.charge(bytes) else { throw .outOfMemory }
    }

    deinit { memory.refund(bytes) }
}

/// What an instance has allocated in the TEE. Only for whoever has entered it.
struct TAHandles {
    private(set) var objects: [UInt32: TAObject] = [:]
    private(set) var operations: [UInt32: TAOperation] = [:]
    private(set) var enumerators: [UInt32: TAEnumerator] = [:]
    /// Sessions with other applications.
    var sessions: Set<UInt32> = []
    private var next: UInt32 = 0x1000
    private let memory: PhysicalMemory

    /// The most of each kind.
    private static let most = 65536

    /// Bytes that are counted: an object with all numbers of the largest key, an operation with libcrypto's state, an enumerator, an identifier in it.
    private enum Cost {
        static let object = 6144, operation = 4096, enumerator = 512, identifier = 192
    }

    /// Handles whose cost counts against the limit of that memory.
    init(_ memory: PhysicalMemory) { self.memory = memory }

    private func charge(_ bytes: Int) throws(TEEResult) -> HandleCharge { try HandleCharge(memory, bytes) }

    /// A number that no kind uses. They look like the references of OP-TEE: small multiples.
    private mutating func number() -> UInt32 {
        repeat { next = next &+ 8 } while next == 0 || objects[next] != nil || operations[next] != nil || enumerators[next] != nil
        return next
    }

    mutating func add(_ object: TAObject) throws(TEEResult) -> UInt32 {
        guard objects.count < Self.most else { throw .outOfMemory }
        object.charge = try charge(Cost.object)
        let handle = number()
        objects[handle] = object
        return handle
    }
    mutating func add(_ operation: TAOperation) throws(TEEResult) -> UInt32 {
        guard operations.count < Self.most else { throw .outOfMemory }
        operation.charge = try charge(Cost.operation)
        let handle = number()
        operations[handle] = operation
        return handle
    }
    mutating func add(_ enumerator: TAEnumerator) throws(TEEResult) -> UInt32 {
        guard enumerators.count < Self.most else { throw .outOfMemory }
        enumerator.charge = try charge(Cost.enumerator)
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

    mutating func removeObject(_ handle: UInt32) {
        guard let object = objects.removeValue(forKey: handle) else { return }
        object.stored?.close()
    }
    mutating func removeOperation(_ handle: UInt32) { operations[handle] = nil }
    mutating func removeEnumerator(_ handle: UInt32) { enumerators[handle] = nil }

    /// An enumerator begins anew, or with nil is as it was made. `outOfMemory` when there is no room for all the identifiers.
    func start(_ enumerator: TAEnumerator, _ enumeration: StorageEnumeration?) throws(TEEResult) {
        (enumerator.enumeration, enumerator.identifiersCharge) = (nil, nil)
        guard let enumeration else { return }
        enumerator.identifiersCharge = try charge(enumeration.count &* Cost.identifier)
        enumerator.enumeration = enumeration
    }

    /// The same handles with objects, operations and enumerators of their own, for a snapshot. What libcrypto cannot copy is an error.
    func duplicate() throws(TEEResult) -> TAHandles {
        var result = TAHandles(memory)
        var copies: [ObjectIdentifier: TAObject] = [:]
        func copy(_ object: TAObject?) throws(TEEResult) -> TAObject? {
            guard let object else { return nil }
            if let known = copies[ObjectIdentifier(object)] { return known }
            let made = TAObject(copying: object)
            made.charge = try charge(Cost.object)
            copies[ObjectIdentifier(object)] = made
            return made
        }
        for (handle, object) in objects { result.objects[handle] = try copy(object) }
        for (handle, operation) in operations {
            let made = try TAOperation(operation.algorithm, operation.mode, key: try copy(operation.key), secondKey: try copy(operation.secondKey))
            made.charge = try charge(Cost.operation)
            try made.copy(from: operation)
            result.operations[handle] = made
        }
        for (handle, enumerator) in enumerators {
            let made = TAEnumerator()
            made.charge = try charge(Cost.enumerator)
            try start(made, enumerator.enumeration?.copy())
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
