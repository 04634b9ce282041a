import Foundation

/// A command that is run to its end and measured.
struct Command {
    /// What of a run is the figure.
    enum Measure {
        /// Milliseconds from before the spawn to after the wait.
        case wall
        /// The number the program prints.
        case printed
    }

    var words: [String]
    var measure: Measure

    init(_ words: [String], _ measure: Measure = .wall) {
        self.words = words
        self.measure = measure
    }

    /// Starts it with standard output on `output`.
    func spawn(output: Int32? = nil) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        if let output { posix_spawn_file_actions_adddup2(&actions, output, 1) } else { posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0) }
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { for word in arguments { free(word) } }
        var child: pid_t = 0
        let result = posix_spawn(&child, words[0], &actions, nil, &arguments, environ)
        if result != 0 { throw BenchmarkError("\(words[0]): \(String(cString: strerror(result)))") }
        return child
    }

    /// Runs it once; the figure.
    func figure() throws -> Double {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw BenchmarkError("pipe") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[0]) }
        let start = DispatchTime.now().uptimeNanoseconds
        let child: pid_t
        do { child = try spawn(output: ends[1]) } catch {
            close(ends[1])
            throw error
        }
        close(ends[1])
        var text: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        // What only wall time is wanted of prints nothing; the pipe closes when it ends.
        while case let count = read(ends[0], &chunk, chunk.count), count > 0 { text += chunk[..<count] }
        var status: Int32 = 0
        guard waitpid(child, &status, 0) == child, status == 0 else { throw BenchmarkError("\(words.joined(separator: " ")): wait status \(status)") }
        let wall = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e6
        switch measure {
        case .wall: return wall
        case .printed:
            let printed = String(decoding: text, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
            guard let number = Double(printed) else { throw BenchmarkError("\(words.joined(separator: " ")): printed \(printed)") }
            return number
        }
    }
}

struct BenchmarkError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
