extension TEEResult: CustomStringConvertible {
    private static let names: [TEEResult: String] = [
        .success: "TEE_SUCCESS", .corruptObject: "TEE_ERROR_CORRUPT_OBJECT", .corruptObject2: "TEE_ERROR_CORRUPT_OBJECT_2",
        .storageNotAvailable: "TEE_ERROR_STORAGE_NOT_AVAILABLE", .storageNotAvailable2: "TEE_ERROR_STORAGE_NOT_AVAILABLE_2",
        .unsupportedVersion: "TEE_ERROR_UNSUPPORTED_VERSION", .ciphertextInvalid: "TEE_ERROR_CIPHERTEXT_INVALID", .generic: "TEE_ERROR_GENERIC",
        .accessDenied: "TEE_ERROR_ACCESS_DENIED", .cancel: "TEE_ERROR_CANCEL", .accessConflict: "TEE_ERROR_ACCESS_CONFLICT",
        .excessData: "TEE_ERROR_EXCESS_DATA", .badFormat: "TEE_ERROR_BAD_FORMAT", .badParameters: "TEE_ERROR_BAD_PARAMETERS",
        .badState: "TEE_ERROR_BAD_STATE", .itemNotFound: "TEE_ERROR_ITEM_NOT_FOUND", .notImplemented: "TEE_ERROR_NOT_IMPLEMENTED",
        .notSupported: "TEE_ERROR_NOT_SUPPORTED", .noData: "TEE_ERROR_NO_DATA", .outOfMemory: "TEE_ERROR_OUT_OF_MEMORY", .busy: "TEE_ERROR_BUSY",
        .communication: "TEE_ERROR_COMMUNICATION", .security: "TEE_ERROR_SECURITY", .shortBuffer: "TEE_ERROR_SHORT_BUFFER",
        .externalCancel: "TEE_ERROR_EXTERNAL_CANCEL", .timeout: "TEE_ERROR_TIMEOUT", .overflow: "TEE_ERROR_OVERFLOW", .targetDead: "TEE_ERROR_TARGET_DEAD",
        .storageNoSpace: "TEE_ERROR_STORAGE_NO_SPACE", .macInvalid: "TEE_ERROR_MAC_INVALID", .signatureInvalid: "TEE_ERROR_SIGNATURE_INVALID",
        .timeNotSet: "TEE_ERROR_TIME_NOT_SET", .timeNeedsReset: "TEE_ERROR_TIME_NEEDS_RESET",
    ]

    /// The name of the GlobalPlatform specification, or the number in hexadecimal.
    public var description: String { Self.names[self] ?? "0x" + String(rawValue, radix: 16) }

    /// The result with that name (`TEE_ERROR_...`), or nil.
    public init?(name: String) {
        guard let found = Self.names.first(where: { $0.value == name }) else { return nil }
        self = found.key
    }
}
