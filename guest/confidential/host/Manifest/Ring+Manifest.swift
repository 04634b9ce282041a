public import LibraryOS

extension Ring {
    /// The guest's manifest: copied once into private memory, compared with HOST_DATA of the guest's own report, and only then parsed.
    ///
    /// - Parameter hostData: the 32 bytes from the report.
    /// - Throws: `EIO` after a violation, when the digest is another or the bytes are no manifest.
    public func manifest(hostData: [UInt8], hasher: ContentHasher) throws(Errno) -> (manifest: Manifest, bytes: [UInt8]) {
        let bytes = try readManifest()
        let digest = bytes.withUnsafeBytes { hasher.digest(domain: nil, $0) }
        do throws(ManifestError) {
            if digest.bytes == hostData { return (try Manifest(decoding: bytes), bytes) }
        } catch {}
        violate(.manifest)
        throw .EIO
    }
}
