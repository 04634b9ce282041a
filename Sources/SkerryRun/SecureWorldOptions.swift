/// What `skerry run` was told of the secure world behind /dev/tee0.
package struct SecureWorldOptions: Equatable {
    /// `--tee`: folders with UUID.ta files; without any there is no /dev/tee0.
    package var applications: [String] = []
    /// `--tee-device`.
    package var device: String?
    /// `--tee-key`.
    package var key: String?
    /// `--tee-unsigned`.
    package var unsigned = false
    /// `--tee-network`.
    package var network = false
    /// `--tee-timeout`, in seconds.
    package var timeout: Double?
    /// `--tee-storage-limit`: a size.
    package var storageLimit: String?
    /// `--tee-trace`.
    package var trace = false

    package init() {}

    /// The bytes that a `--tee-storage-limit` means, which `skerry tee` knows by another name; an error in words for what is no size.
    package static func storageLimit(_ text: String, option: String) throws -> UInt64 { try Options.size(text, option: option) }

    package var isWanted: Bool { self != SecureWorldOptions() }
}
