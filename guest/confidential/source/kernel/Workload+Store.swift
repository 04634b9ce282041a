import GuestHost
import LibraryOS
import Platform

/// The sealed store: files that outlive the run.
extension Workload {
    /// Makes whoever seals the store's blocks; nil, and a line, when there is no key. Needs the key to the secure processor.
    func sealer(_ manifest: Manifest, _ secrets: ReleasedSecrets, _ hasher: ContentHasher) -> StoreSealer? {
        guard let store = manifest.sealedStore else { return nil }
        if store.keyIsReleased {
            let name = String(decoding: Manifest.storeKeySecret, as: UTF8.self)
            guard let secret = secrets.value(Manifest.storeKeySecret) else {
                host.notice("skerry: the relying party has released no secret \(name), the key of the store (--store-key released); the program was not started")
                return nil
            }
            if let sealer = StoreSealer.released(secret) { return sealer }
            host.notice("skerry: the secret \(name) has \(secret.count) bytes; a store's key has \(StoreSealer.keySize); the program was not started")
            return nil
        }
        // A manifest that was read can be written.
        do throws(ManifestError) { if let sealer = try StoreSealer.derived(for: manifest, hasher) { return sealer } } catch { refuse(skerry_refusal_manifest) }
        let remedy = "name a relying party that releases one (--store-key released, --secrets)"
        host.notice("skerry: the secure processor derives no key for the store; \(remedy); the program was not started")
        return nil
    }

    /// How many nodes of the store are kept in memory, where each takes two frames of the library OS's own: 1/32 of what programs have, 1 to 32 MiB.
    private var cachedNodes: Int { Int(clamping: min(max(kernel.physicalMemory.usage.limit / 32 / 8192, 128), 4096)) }

    /// Opens or makes the store and mounts it; false, and a line, when that fails.
    func mountStore(_ store: Manifest.SealedStore, _ sealer: StoreSealer, in tree: MountTree) -> Bool {
        do throws(SealedStore.OpenError) {
            if store.formats { try SealedStore.format(ring, sealer: sealer, blocks: store.blocks) }
            let blocks = try SealedStore(opening: ring, sealer: sealer, blocks: store.blocks, cachedNodes: cachedNodes)
            do throws(Errno) {
                let files = try StoredFS(kernel: kernel, store: blocks, cacheLimit: kernel.physicalMemory.usage.limit / 8)
                try tree.mount(files, at: store.path)
                self.store = files
                return true
            } catch {
                let path = String(decoding: store.path, as: UTF8.self)
                host.notice("skerry: --store: the files in the store cannot be mounted at \(path) (error \(error.code)); the program was not started")
            }
        } catch { host.notice("skerry: --store: \(Self.text(error)); the program was not started") }
        return false
    }

    /// Why a store cannot be opened, and what to do.
    private static func text(_ error: SealedStore.OpenError) -> String {
        switch error {
        case .notSealedWithThisKey:
            """
            the store is not one that this program has sealed: it was another program, other arguments or options, another image, key or processor, or the host has \
            changed it; --store-new makes a new one in another file
            """
        case .wrongSize: "the store was made with another size than its file has now; give the file its size back"
        // The ring has ended the guest for what was altered.
        case .unreadable, .altered: "the host cannot read or write the store's file; look at its disk and try again"
        }
    }

    /// Makes durable what programs have written, when some of it is old enough.
    func commitIfDue() { store?.commitIfDue(now: MonotonicInstant(nanoseconds: host.now(.monotonic))) }

    /// For when every task waits: until when to sleep, so that a change does not wait for a task to be made durable.
    func commitBefore(_ deadline: MonotonicInstant?) -> MonotonicInstant? {
        guard let store else { return deadline }
        let now = MonotonicInstant(nanoseconds: host.now(.monotonic))
        store.commitIfDue(now: now)
        guard let due = store.commitDue else { return deadline }
        return deadline.map { min($0, due) } ?? due
    }

    /// Makes everything durable at the end of the run. A program that believed to have written all is told otherwise by the status, unless it has failed itself.
    func commitAtEnd(_ status: UInt8) -> UInt8 {
        guard let store else { return status }
        do throws(Errno) { try store.commit() } catch {
            // Nobody wants this to be quiet.
            host.isQuiet = false
            host.notice("skerry: --store: the host could not write what the program has changed last (error \(error.code)); the store has what was durable before")
            return status == 0 ? 125 : status
        }
        return status
    }
}
