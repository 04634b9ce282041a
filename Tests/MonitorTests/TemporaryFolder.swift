import Glibc

/// A folder of the host that goes away with the value.
final class TemporaryFolder {
    let path: String
    init() {
        let template = strdup("/tmp/skerry-test-XXXXXX")
        path = template.flatMap { mkdtemp($0) }.map { String(cString: $0) } ?? "/nonexistent"
        free(template)
    }
    deinit {
        var child = pid_t()
        var arguments: [UnsafeMutablePointer<CChar>?] = [strdup("rm"), strdup("-rf"), strdup(path), nil]
        posix_spawnp(&child, "rm", nil, nil, &arguments, environ)
        waitpid(child, nil, 0)
        for argument in arguments { free(argument) }
    }
    func file(_ name: String, _ content: String = "") {
        let descriptor = Glibc.open(path + "/" + name, O_CREAT | O_WRONLY | O_TRUNC, 0o644)
        _ = content.withCString { Glibc.write(descriptor, $0, strlen($0)) }
        Glibc.close(descriptor)
    }
    func folder(_ name: String) { mkdir(path + "/" + name, 0o755) }
    func link(_ name: String, to target: String) { symlink(target, path + "/" + name) }
}

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
