internal import Glibc

extension TAKeys {
    /// The name of the development key in its folder.
    public static let developmentKeyName = "ta_signing_key.pem"

    /// The key pair of a developer, from `folder`; made there, readable by nobody else (mode 0600), when there is none yet.
    ///
    /// `isNew` tells that it was made by this call, which the user should be told: files that it signs are trusted here and nowhere else. Of several processes
    /// that come first at the same time one makes the key and all use it.
    public static func developmentKey(in folder: String, bits: Int = 2048) throws(TAFileError) -> (key: TASigningKey, isNew: Bool) {
        let folder = try DurableFolder(folder, creating: true)
        if let pem = try folder.readSecret(developmentKeyName, limit: 64 << 10) { return (try developmentKey(pem, folder), false) }
        let key = try TASigningKey.generate(bits: bits)
        let pem = try key.privatePEM()
        if try pem.withUnsafeBytes({ bytes throws(TAFileError) in try folder.create(developmentKeyName, bytes) }) { return (key, true) }
        guard let pem = try folder.readSecret(developmentKeyName, limit: 64 << 10) else {
            throw TAFileError(.accessConflict, "\(folder.path)/\(developmentKeyName) comes and goes; another program deletes it")
        }
        return (try developmentKey(pem, folder), false)
    }

    private static func developmentKey(_ pem: SecretBytes, _ folder: DurableFolder) throws(TAFileError) -> TASigningKey {
        do throws(TAFileError) {
            let key = try TASigningKey(secretPEM: pem)
            guard key.isPrivate else { throw TAFileError.badFormat("it holds a public key only") }
            return key
        } catch {
            throw .badFormat("\(folder.path)/\(developmentKeyName) is not usable: \(error.message); delete it to have a new key made")
        }
    }
}
