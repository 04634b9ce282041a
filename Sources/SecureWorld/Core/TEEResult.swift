/// A `TEE_Result`: how a call of the GlobalPlatform APIs ended (TEE Internal Core API 1.3.1, 3.3.1; TEE Client API 1.0, 4.4.2).
///
/// Thrown as an error when it is not `success`.
public struct TEEResult: Error, Hashable, RawRepresentable, Sendable {
    /// The 32 bits of the result.
    public let rawValue: UInt32
    /// Wraps a result code, known or not.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// TEE_SUCCESS.
    public static let success = TEEResult(rawValue: 0)
    /// TEE_ERROR_CORRUPT_OBJECT: an object of the trusted storage was damaged, and is gone.
    public static let corruptObject = TEEResult(rawValue: 0xf010_0001)
    /// TEE_ERROR_CORRUPT_OBJECT_2: as that, of the second key that TEE_SetOperationKey2 is given (TEE Internal Core API 6.2.7).
    public static let corruptObject2 = TEEResult(rawValue: 0xf010_0002)
    /// TEE_ERROR_STORAGE_NOT_AVAILABLE.
    public static let storageNotAvailable = TEEResult(rawValue: 0xf010_0003)
    /// TEE_ERROR_STORAGE_NOT_AVAILABLE_2: as that, of the second key that TEE_SetOperationKey2 is given.
    public static let storageNotAvailable2 = TEEResult(rawValue: 0xf010_0004)
    /// TEE_ERROR_UNSUPPORTED_VERSION.
    public static let unsupportedVersion = TEEResult(rawValue: 0xf010_0005)
    /// TEE_ERROR_CIPHERTEXT_INVALID.
    public static let ciphertextInvalid = TEEResult(rawValue: 0xf010_0006)
    /// TEE_ERROR_GENERIC.
    public static let generic = TEEResult(rawValue: 0xffff_0000)
    /// TEE_ERROR_ACCESS_DENIED.
    public static let accessDenied = TEEResult(rawValue: 0xffff_0001)
    /// TEE_ERROR_CANCEL.
    public static let cancel = TEEResult(rawValue: 0xffff_0002)
    /// TEE_ERROR_ACCESS_CONFLICT.
    public static let accessConflict = TEEResult(rawValue: 0xffff_0003)
    /// TEE_ERROR_EXCESS_DATA.
    public static let excessData = TEEResult(rawValue: 0xffff_0004)
    /// TEE_ERROR_BAD_FORMAT.
    public static let badFormat = TEEResult(rawValue: 0xffff_0005)
    /// TEE_ERROR_BAD_PARAMETERS.
    public static let badParameters = TEEResult(rawValue: 0xffff_0006)
    /// TEE_ERROR_BAD_STATE.
    public static let badState = TEEResult(rawValue: 0xffff_0007)
    /// TEE_ERROR_ITEM_NOT_FOUND.
    public static let itemNotFound = TEEResult(rawValue: 0xffff_0008)
    /// TEE_ERROR_NOT_IMPLEMENTED.
    public static let notImplemented = TEEResult(rawValue: 0xffff_0009)
    /// TEE_ERROR_NOT_SUPPORTED.
    public static let notSupported = TEEResult(rawValue: 0xffff_000a)
    /// TEE_ERROR_NO_DATA.
    public static let noData = TEEResult(rawValue: 0xffff_000b)
    /// TEE_ERROR_OUT_OF_MEMORY.
    public static let outOfMemory = TEEResult(rawValue: 0xffff_000c)
    /// TEE_ERROR_BUSY.
    public static let busy = TEEResult(rawValue: 0xffff_000d)
    /// TEE_ERROR_COMMUNICATION.
    public static let communication = TEEResult(rawValue: 0xffff_000e)
    /// TEE_ERROR_SECURITY.
    public static let security = TEEResult(rawValue: 0xffff_000f)
    /// TEE_ERROR_SHORT_BUFFER.
    public static let shortBuffer = TEEResult(rawValue: 0xffff_0010)
    /// TEE_ERROR_EXTERNAL_CANCEL.
    public static let externalCancel = TEEResult(rawValue: 0xffff_0011)
    /// TEE_ERROR_TIMEOUT.
    public static let timeout = TEEResult(rawValue: 0xffff_3001)
    /// TEE_ERROR_OVERFLOW.
    public static let overflow = TEEResult(rawValue: 0xffff_300f)
    /// TEE_ERROR_TARGET_DEAD: the instance panicked or was ended.
    public static let targetDead = TEEResult(rawValue: 0xffff_3024)
    /// TEE_ERROR_STORAGE_NO_SPACE.
    public static let storageNoSpace = TEEResult(rawValue: 0xffff_3041)
    /// TEE_ERROR_MAC_INVALID.
    public static let macInvalid = TEEResult(rawValue: 0xffff_3071)
    /// TEE_ERROR_SIGNATURE_INVALID.
    public static let signatureInvalid = TEEResult(rawValue: 0xffff_3072)
    /// TEE_ERROR_TIME_NOT_SET.
    public static let timeNotSet = TEEResult(rawValue: 0xffff_5000)
    /// TEE_ERROR_TIME_NEEDS_RESET.
    public static let timeNeedsReset = TEEResult(rawValue: 0xffff_5001)
}
