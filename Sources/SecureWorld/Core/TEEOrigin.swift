/// Where a result comes from (`TEEC_ORIGIN_*`, TEE Client API 1.0, 4.4.3).
public enum TEEOrigin: UInt32, Sendable {
    /// The client library.
    case api = 1
    /// The way between the worlds.
    case communication = 2
    /// The TEE's own code.
    case tee = 3
    /// The trusted application.
    case trustedApplication = 4
}
