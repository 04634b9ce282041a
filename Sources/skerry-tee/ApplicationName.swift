import ArgumentParser
import SecureWorld

/// An application as the command line names it.
enum ApplicationName {
    /// Its UUID, and its file when that was named.
    static func resolve(_ text: String) throws -> (uuid: TEEUUID, files: [TEEUUID: String]) {
        if let uuid = TEEUUID(text) { return (uuid, [:]) }
        let name = text.split(separator: "/").last.map(String.init) ?? text
        if let uuid = TEEUUID(name.prefix(36)) {
            try HostFile.check(text)
            return (uuid, [uuid: text])
        }
        // A file with another name says itself what it is.
        let bytes = try HostFile.read(text)
        guard let uuid = TAFileReport.uuid(of: bytes) else { throw ValidationError("\(text): neither a UUID nor the file of an application") }
        return (uuid, [uuid: text])
    }
}
