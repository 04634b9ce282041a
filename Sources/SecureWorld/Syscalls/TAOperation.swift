/// A cryptographic operation of an instance (OP-TEE's `struct tee_cryp_state`): an algorithm and a mode with the objects that hold its keys, and what is under way.
final class TAOperation {
    /// What it costs while it is kept (TAHandles).
    var charge: HandleCharge?
    /// What is under way.
    enum Progress {
        case none
        case digest(DigestOperation)
        case mac(MACOperation)
        case cipher(CipherOperation)
        case authenticated(AuthenticatedOperation)
    }

    let algorithm: TEEAlgorithm
    let mode: TEEOperationMode
    /// The objects whose key material an initialisation takes: they may be filled after the operation was made. They are busy as long as it lives.
    let key: TAObject?
    let secondKey: TAObject?
    var progress = Progress.none
    /// The handles of those objects, which end with the operation.
    var keyHandles: [UInt32] = []

    /// `badParameters` for objects that the algorithm has no use for, or that are in use; `notSupported` for an algorithm that nobody knows.
    init(_ algorithm: TEEAlgorithm, _ mode: TEEOperationMode, key: TAObject?, secondKey: TAObject?) throws(TEEResult) {
        for case let object? in [key, secondKey] {
            guard !object.isBusy else { throw .badParameters }
            try object.key.checkSuitability(for: algorithm, mode: mode)
        }
        guard algorithm.isKnown, algorithm.isAvailable, let kind = algorithm.operationClass else { throw .notSupported }
        let wanted = (kind != .digest, algorithm.needsTwoKeys)
        guard (key != nil, secondKey != nil) == wanted else { throw .badParameters }
        self.algorithm = algorithm
        self.mode = mode
        self.key = key
        self.secondKey = secondKey
        key?.isBusy = true
        secondKey?.isBusy = true
    }

    deinit {
        key?.isBusy = false
        secondKey?.isBusy = false
    }

    /// The key to begin with; `badParameters` while its object is empty.
    func secret() throws(TEEResult) -> SecretBytes {
        guard let secret = key?.key.secret else { throw .badParameters }
        return secret
    }

    /// Takes over what is under way in another operation of the same algorithm and mode. `badState` for the classes of algorithms that work in one step.
    func copy(from other: TAOperation) throws(TEEResult) {
        guard algorithm == other.algorithm, mode == other.mode else { throw .badParameters }
        switch algorithm.operationClass {
        case .digest, .mac, .cipher, .authenticatedEncryption: break
        default: throw .badState
        }
        switch other.progress {
        case .none: progress = .none
        case .digest(let operation): progress = .digest(try operation.copy())
        case .mac(let operation): progress = .mac(try operation.copy())
        case .cipher(let operation): progress = .cipher(try operation.copy())
        case .authenticated(let operation): progress = .authenticated(try operation.copy())
        }
    }
}
