import Foundation
import Synchronization

@testable import SecureWorld

/// Applications that are built for one test: with symbols, or of another kind.
enum DebuggingApplications {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    private static let built = Mutex<[String: String]>([:])

    /// Builds a folder of Tests/TrustedApplications, once for each set of options; the path of UUID.elf.
    static func build(_ source: String, _ uuid: TEEUUID, _ options: [String]) throws -> String {
        try built.withLock { built in
            let key = ([source] + options).joined().replacingOccurrences(of: "/", with: "_")
            if let known = built[key] { return known }
            let folder = root + "/.build/trusted-applications"
            try FileManager.default.createDirectory(atPath: folder + "/" + key, withIntermediateDirectories: true)
            let sources = root + "/Tests/TrustedApplications/" + source
            let files = try FileManager.default.contentsOfDirectory(atPath: sources).filter { $0.hasSuffix(".c") }.sorted().map { sources + "/" + $0 }
            let output = "\(folder)/\(key)/\(uuid).elf"
            // The same runtime library as all other tests'.
            _ = try ImagesSupport.run(["env", "SKERRY_TA_CACHE=" + folder + "/runtime", root + "/guest/ta/cc", "-o", output] + options + files, in: folder)
            built[key] = output
            return output
        }
    }
}
