import SecureWorld

internal import Glibc

/// Whole files of the host, with errors that name them.
enum HostFile {
    /// Why a file could not be read or written.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private static let largest = 256 << 20

    /// Whether a file is there and can be read.
    static func check(_ path: String) throws {
        if access(path, R_OK) != 0 { throw Failure(description: "\(path) cannot be opened: \(String(cString: strerror(errno)))") }
    }

    static func read(_ path: String) throws -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        if file < 0 { throw Failure(description: "\(path) cannot be opened: \(String(cString: strerror(errno)))") }
        defer { close(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(file, &chunk, chunk.count)
            if count == 0 { return bytes }
            if count < 0 { throw Failure(description: "\(path) cannot be read: \(String(cString: strerror(errno)))") }
            bytes += chunk.prefix(count)
            if bytes.count > largest { throw Failure(description: "\(path) is larger than \(largest) bytes") }
        }
    }

    static func write(_ bytes: [UInt8], to path: String) throws {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        if file < 0 { throw Failure(description: "\(path) cannot be made: \(String(cString: strerror(errno)))") }
        defer { close(file) }
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress?.advanced(by: done), $0.count - done) }
            if count <= 0 { throw Failure(description: "\(path) cannot be written: \(String(cString: strerror(errno)))") }
            done += count
        }
    }
}
