import Confidential

internal import Foundation

/// A test authority that is kept in a folder: its keys (`ark.key.pem` and so on, for their owner alone) and certificates (`ark.der` and so on).
enum AuthorityFolder {
    private static let names = ["ark", "ask", "asvk"]

    /// The one of a folder, which is made when there is none.
    static func authority(_ folder: String) throws -> TestAuthority {
        let manager = FileManager.default
        let files = names.flatMap { ["\(folder)/\($0).key.pem", "\(folder)/\($0).der"] }
        let missing = files.filter { !manager.fileExists(atPath: $0) }
        if missing.isEmpty {
            let contents = try files.map(InputFile.read)
            return try TestAuthority(.genoa, keys: (contents[0], contents[2], contents[4]), certificates: (contents[1], contents[3], contents[5]))
        }
        guard missing.count == files.count else { throw Unusable("\(missing[0]) is missing, but other files of the authority are there; give another folder") }
        let authority = try TestAuthority(.genoa)
        let (keys, certificates) = (authority.keys, [authority.ark, authority.ask, authority.asvk])
        do {
            try manager.createDirectory(atPath: folder, withIntermediateDirectories: true)
            for (index, key) in [keys.root, keys.intermediate, keys.loadedIntermediate].enumerated() {
                try Data(key).write(to: URL(filePath: files[index * 2]), options: .withoutOverwriting)
                try manager.setAttributes([.posixPermissions: 0o600], ofItemAtPath: files[index * 2])
                try Data(certificates[index]).write(to: URL(filePath: files[index * 2 + 1]), options: .withoutOverwriting)
            }
        } catch { throw Unusable("\(folder) cannot be written: \(error.localizedDescription)") }
        return authority
    }
}
