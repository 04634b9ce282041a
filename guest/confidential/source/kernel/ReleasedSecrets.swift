import GuestHost
import LibraryOS
import Platform

/// What a relying party gives a guest that runs programs: each secret becomes a file in a file system of its own, in the guest's memory, but for the key of the sealed
/// store. They are wiped with this object; the files stay.
final class ReleasedSecrets {
    /// Where the files are.
    static var folder: [UInt8] { Array("/run/secrets".utf8) }
    /// The number of the stream to the relying party.
    fileprivate static var stream: UInt64 { UInt64(SKERRY_RING_FIRST_STREAM) }

    private let buffer = UnsafeMutableRawPointer.allocate(byteCount: Int(SKERRY_RELEASE_SECRETS_SIZE), alignment: 16)
    private var list: SecretList?

    deinit {
        skerry_wipe(buffer, Int(SKERRY_RELEASE_SECRETS_SIZE))
        buffer.deallocate()
    }

    /// Asks for the secrets that the manifest names: how the release ended; `released` when there is nothing to ask for.
    func obtain(_ secrets: Manifest.Secrets?, _ manifest: [UInt8], over ring: Ring) -> skerry_release_outcome {
        guard let secrets else { return skerry_release_released }
        let certificates = Self.certificates(ring)
        // A host that knows no such stream is as good as one that ends it.
        do throws(Errno) { try ring.openStream(Self.stream, name: secrets.stream) } catch { return skerry_release_ended }
        defer { Self.close(ring) }
        let outcome = Self.converse(secrets, manifest, certificates, ring, buffer)
        if outcome == skerry_release_released { list = SecretList(buffer) }
        return outcome
    }

    /// The value of a secret, as long as this object is there; nil when there is none of this name.
    func value(_ name: [UInt8]) -> UnsafeRawBufferPointer? { name.withUnsafeBytes { list?.value($0) } }

    /// Makes a file of every secret, but for the key of a sealed store.
    func makeFiles(in tree: MountTree) throws(Errno) {
        guard let list else { return }
        try tree.mount(TmpFS(kernel: tree.kernel, permissions: 0o755), at: Self.folder)
        var failure: Errno?
        list.forEach { name, value in
            if name.elementsEqual(Manifest.storeKeySecret) { return }
            do throws(Errno) {
                // A name is a file's: without a slash, and neither of the two that mean a folder.
                if name.contains(0x2F) || name.elementsEqual([0x2E]) || name.elementsEqual([0x2E, 0x2E]) || name.contains(0) { throw .EINVAL }
                try tree.makeFile(Self.folder + [0x2F] + Array(name), Array(value), permissions: 0o444)
            } catch { failure = error }
        }
        if let failure { throw failure }
    }

    private static func close(_ ring: Ring) { do throws(Errno) { try ring.closeStream(stream) } catch { refuse(skerry_refusal_ring) } }

    /// What the host says are the certificates of its processor, for a relying party that does not have them: as much as fits, and nobody here believes it.
    private static func certificates(_ ring: Ring) -> [UInt8] {
        do throws(Errno) { try ring.openStream(stream, name: Array(SKERRY_RELEASE_CERTIFICATES_STREAM.utf8)) } catch { return [] }
        defer { close(ring) }
        let source = RingByteStream(ring: ring)
        var (bytes, count) = ([UInt8](repeating: 0, count: Int(SKERRY_RELEASE_CERTIFICATES_LIMIT)), 0)
        bytes.withUnsafeMutableBytes { buffer in
            while count < buffer.count, let got = source.receiveSome(UnsafeMutableRawBufferPointer(rebasing: buffer[count...])) { count += got }
        }
        return Array(bytes[..<count])
    }

    private static func converse(
        _ secrets: Manifest.Secrets, _ manifest: [UInt8], _ certificates: [UInt8], _ ring: Ring, _ buffer: UnsafeMutableRawPointer
    ) -> skerry_release_outcome {
        var stream = RingByteStream(ring: ring)
        return manifest.withUnsafeBytes { manifest in
            certificates.withUnsafeBytes { certificates in
                secrets.provider.withUnsafeBytes { identity in
                    let offer = KeyRelease.Offer(manifest: manifest, certificates: certificates, identity: secrets.provider.isEmpty ? nil : identity.baseAddress)
                    return KeyRelease.request(offer, over: &stream, into: buffer)
                }
            }
        }
    }
}

/// The stream to the relying party, over the ring.
private struct RingByteStream: ByteStream {
    let ring: Ring

    mutating func send(_ bytes: UnsafeRawPointer, _ count: Int) -> Bool {
        var done = 0
        while done < count {
            let rest = UnsafeRawBufferPointer(start: bytes + done, count: count - done)
            guard let sent = transfer(RingEvents(writable: 1 << ReleasedSecrets.stream), { () throws(Errno) in try ring.send(ReleasedSecrets.stream, from: rest) }) else {
                return false
            }
            done += sent
        }
        return true
    }

    mutating func receive(_ bytes: UnsafeMutableRawPointer, _ count: Int) -> Bool {
        var done = 0
        while done < count {
            guard let got = receiveSome(UnsafeMutableRawBufferPointer(start: bytes + done, count: count - done)) else { return false }
            done += got
        }
        return true
    }

    /// What there is, one byte at least; nil when the stream has ended.
    func receiveSome(_ buffer: UnsafeMutableRawBufferPointer) -> Int? {
        let got = transfer(RingEvents(readable: 1 << ReleasedSecrets.stream), { () throws(Errno) in try ring.receive(ReleasedSecrets.stream, into: buffer) })
        return got == 0 ? nil : got
    }

    /// One transfer, for which the host may take its time; nil when the stream has ended.
    private func transfer(_ events: RingEvents, _ body: () throws(Errno) -> Int) -> Int? {
        while true {
            do throws(Errno) { return try body() } catch {
                if error != .EAGAIN { return nil }
                do throws(Errno) { _ = try ring.wait(for: events, nanoseconds: nil) } catch { return nil }
            }
        }
    }
}
