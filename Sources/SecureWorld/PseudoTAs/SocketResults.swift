/// Results of the sockets API (GlobalPlatform TEE Sockets API 1.0.1, 5.2; OP-TEE's __tee_isocket_defines.h).
extension TEEResult {
    /// TEE_ISOCKET_ERROR_TIMEOUT: nothing could be sent or received in the time given.
    static let socketTimeout = TEEResult(rawValue: 0xf100_7003)
    /// TEE_ISOCKET_ERROR_OUT_OF_RESOURCES: no further socket can be had.
    static let socketOutOfResources = TEEResult(rawValue: 0xf100_7004)
    /// TEE_ISOCKET_ERROR_HOSTNAME: the name or address of the server means nothing.
    static let socketHostname = TEEResult(rawValue: 0xf100_7007)
}
