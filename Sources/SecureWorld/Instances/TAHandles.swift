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

    init(_ key: CryptoObject) { self.key = key }
}

/// An enumerator of stored objects; without `enumeration` it has not been started.
final class TAEnumerator {
    fileprivate(set) var enumeration: StorageEnumeration?
    /// Bytes that are counted for the enumeration.
    fileprivate var cost = 0
}

/// What an instance has allocated in the TEE. Only for whoever has entered it.
struct TAHandles {
    private(set) var objects: [UInt32: TAObject] = [:]
    private(set) var operations: [UInt32: TAOperation] = [:]
    private(set) var enumerators: [UInt32: TAEnumerator] = [:]
    /// Sessions with other applications.
    var sessions: Set<UInt32> = []
    private var next: UInt32 = 0x1000
    /// What is kept for an application counts as its memory does: otherwise it could have the host keep gigabytes.
    private let memory: PhysicalMemory

    /// The most of each kind.
    private static let most = 65536

    /// Bytes that are counted: an object with all numbers of the largest key, an operation with libcrypto's state, an enumerator, an identifier in it.
    private enum Cost {
        static let object = 6144, operation = 4096, enumerator = 512, identifier = 192
    }

    /// Handles whose cost counts against the limit of that memory.
    init(_ memory: PhysicalMemory) { self.memory = memory }

    private func charge(_ bytes: Int) throws(TEEResult) { guard memory.charge(bytes) else { throw .outOfMemory } }

    /// A number that no kind uses. They look like the references of OP-TEE: small multiples.
    private mutating func number() -> UInt32 {
        repeat { next = next &+ 8 } while next == 0 || objects[next] != nil || operations[next] != nil || enumerators[next] != nil
        return next
    }

    mutating func add(_ object: TAObject) throws(TEEResult) -> UInt32 {
        guard objects.count < Self.most else { throw .outOfMemory }
        try charge(Cost.object)
        let handle = number()
        objects[handle] = object
        return handle
    }
    mutating func add(_ operation: TAOperation) throws(TEEResult) -> UInt32 {
        guard operations.count < Self.most else { throw .outOfMemory }
        try charge(Cost.operation)
        let handle = number()
        operations[handle] = operation
        return handle
    }
    mutating func add(_ enumerator: TAEnumerator) throws(TEEResult) -> UInt32 {
        guard enumerators.count < Self.most else { throw .outOfMemory }
        try charge(Cost.enumerator)
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
        memory.refund(Cost.object)
    }
    mutating func removeOperation(_ handle: UInt32) { if operations.removeValue(forKey: handle) != nil { memory.refund(Cost.operation) } }
    mutating func removeEnumerator(_ handle: UInt32) {
        guard let enumerator = enumerators.removeValue(forKey: handle) else { return }
        memory.refund(Cost.enumerator + enumerator.cost)
    }

    /// An enumerator begins anew, or with nil is as it was made. `outOfMemory` when there is no room for all the identifiers.
    func start(_ enumerator: TAEnumerator, _ enumeration: StorageEnumeration?) throws(TEEResult) {
        memory.refund(enumerator.cost)
        (enumerator.enumeration, enumerator.cost) = (nil, 0)
        guard let enumeration else { return }
        let cost = enumeration.count &* Cost.identifier
        try charge(cost)
        (enumerator.enumeration, enumerator.cost) = (enumeration, cost)
    }

    /// The instance is over; its sessions with others are closed by whoever can wait for that.
    mutating func closeAll() {
        for object in objects.values { object.stored?.close() }
        memory.refund(objects.count * Cost.object + operations.count * Cost.operation + enumerators.values.reduce(0) { $0 + Cost.enumerator + $1.cost })
        objects = [:]
        operations = [:]
        enumerators = [:]
    }
}
