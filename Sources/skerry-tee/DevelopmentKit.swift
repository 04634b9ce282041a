import SkerryRun

internal import Glibc

/// The TA development kit, `guest/ta`, in a folder above this program's.
struct DevelopmentKit {
    /// The path of `guest/ta`.
    let folder: String

    init() throws {
        guard let own = realpath("/proc/self/exe", nil) else { throw HostFile.Failure(description: "/proc is missing") }
        defer { free(own) }
        // .build/.../release/skerry-tee
        var folder = String(cString: own)
        while let slash = folder.lastIndex(of: "/") {
            folder = String(folder[..<slash])
            guard access(folder + "/guest/ta/cc", X_OK) == 0 else { continue }
            self.folder = folder + "/guest/ta"
            return
        }
        throw HostFile.Failure(description: "the development kit (guest/ta) is not above this program's folder")
    }

    private var compiler: String { folder + "/cc" }

    /// Goes on as the compiler; returns only when that cannot be run.
    func becomeCompiler(_ arguments: [String]) -> HostFile.Failure {
        Self.withWords([compiler] + arguments) { words in
            execv(compiler, words)
            return failure
        }
    }

    /// Runs the compiler; false when it has said what is wrong.
    func compile(_ arguments: [String]) throws -> Bool {
        let variables = try HostFile.read("/proc/self/environ").split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        var process = pid_t()
        let result = Self.withWords([compiler] + arguments) { words in
            Self.withWords(variables) { variables in posix_spawn(&process, compiler, nil, nil, words, variables) }
        }
        errno = result
        if result != 0 { throw failure }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 { if errno != EINTR { throw failure } }
        return status == 0
    }

    private var failure: HostFile.Failure { HostFile.Failure(description: "\(compiler) cannot be run: \(String(cString: strerror(errno)))") }

    private static func withWords<Result>(_ words: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result) -> Result {
        let copies = words.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        return body(copies + [nil])
    }
}
