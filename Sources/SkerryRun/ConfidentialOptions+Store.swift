package import Skerry

extension ConfidentialOptions {
    /// Where the key of a sealed store comes from.
    package enum StoreKey: String, CaseIterable, Sendable {
        /// The chip derives it for this very program.
        case derived
        /// The relying party releases it.
        case released
    }

    /// `--store`, taken apart.
    package struct StoreWords: Equatable, Sendable {
        package var file: String
        package var path = "/store"
        /// Bytes.
        package var size: UInt64?
    }

    /// FILE[:PATH[:SIZE]]; PATH may be empty.
    package static func storeWords(_ text: String) throws(SandboxError) -> StoreWords {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard let file = parts.first, !file.isEmpty, parts.count <= 3 else {
            throw Options.bad("--store \(text): write it as FILE, FILE:PATH or FILE:PATH:SIZE, such as notes.store:/notes:4g")
        }
        var words = StoreWords(file: file)
        if parts.count > 1, !parts[1].isEmpty { words.path = parts[1] }
        guard words.path.hasPrefix("/") else { throw Options.bad("--store \(text): \(words.path) is no absolute path inside the sandbox; FILE::SIZE for a size alone") }
        if parts.count > 2 { words.size = try Options.size(parts[2], option: "--store \(text):") }
        return words
    }

    /// Of what goes with --store, that does not go together.
    var storeRefusal: String? {
        guard let store else { return makesStore || storeKey != nil ? "--store-new and --store-key go with --store" : nil }
        if proxy { return "--store \(store): in proxy mode the files are the host's, and --rw grants them for writing; leave --proxy or --store out" }
        if storeKey == .released, secrets == nil {
            return "--store-key released: the key comes with the secrets, as the one named skerry-store-key; add --secrets, or leave --store-key out"
        }
        return nil
    }
}
