import Glibc
import Testing

@testable import SecureWorld

/// The test program starts itself again with this in its environment to be the process that is killed: folder, seed, first operation, and whether changes go to the disk.
private let childVariable = "SKERRY_STORAGE_TORTURE"
private let childDescriptor: Int32 = 199

@Suite("Killed at any moment, the trusted storage has what was committed and nothing half-done")
struct StorageTortureTests {
    @Test(arguments: [1, 2, 3] as [UInt64])
    func anyOrderOfOperationsGivesWhatItShould(seed: UInt64) throws {
        let scratch = try StorageScratch()
        var expected = StorageTorture(seed: seed)
        var storage = try scratch.storage()
        for number in 0..<150 {
            try StorageTorture.perform(number, seed: seed, on: storage)
            expected.step()
            if number % 10 == 0 { storage = try scratch.storage() }
            #expect(try StorageTorture.content(of: storage) == expected.objects, "operation \(number)")
        }
        #expect(try storage.inspect().damages == [])
    }

    /// 50 times each, 200 in all; 1,000 with SKERRY_TEST_ALL=1, and as many as SKERRY_STORAGE_KILLS says.
    @Test(arguments: [(11, false), (12, true), (13, false), (14, true)] as [(UInt64, Bool)])
    func everyKillLeavesTheStateBeforeOrAfterTheOperation(seed: UInt64, isDurable: Bool) throws {
        let kills = getenv("SKERRY_STORAGE_KILLS").flatMap { Int(String(cString: $0)) } ?? (getenv("SKERRY_TEST_ALL") == nil ? 50 : 250)
        let scratch = try StorageScratch()
        var random = StorageRandom(seed: seed)
        var expected = StorageTorture(seed: seed)
        for kill in 0..<kills {
            let child = try StorageTortureChild(folder: scratch.path, seed: seed, first: expected.count, isDurable: isDurable)
            let completed = child.kill(afterOperations: Int(random.next() % 3), microseconds: UInt32(random.next() % (isDurable ? 120_000 : 30_000)))
            for _ in 0..<completed { expected.step() }
            let storage = try scratch.storage()
            #expect(try storage.inspect().damages == [], "kill \(kill)")
            let content = try StorageTorture.content(of: storage)
            if content != expected.objects { expected.step() }
            try #require(content == expected.objects, "kill \(kill), operation \(expected.count)")
            // An operation that was made and changed nothing is made once more by the next process, which does no harm.
        }
        // Otherwise the processes were killed before they did anything.
        #expect(expected.count > kills / 4)
    }

    /// Not a test by itself: the process that is killed.
    @Test(.enabled(if: getenv(childVariable) != nil))
    func storageTortureChild() throws {
        let parts = try #require(getenv(childVariable)).withMemoryRebound(to: CChar.self, capacity: 1) { String(cString: $0).split(separator: "|").map(String.init) }
        let seed = try #require(UInt64(parts[1]))
        var number = try #require(Int(parts[2]))
        let storage = try TrustedStorage(folder: parts[0], deviceKey: StorageScratch.deviceKey, durability: parts[3] == "true" ? .disk : .kernel)
        var word: UInt8 = 0
        write(childDescriptor, &word, 1)
        word = 1
        while true {
            try StorageTorture.perform(number, seed: seed, on: storage)
            write(childDescriptor, &word, 1)
            number += 1
        }
    }
}

/// A process that makes one change after the other and says so after each.
private struct StorageTortureChild {
    private let process: pid_t
    private let progress: Int32

    init(folder: String, seed: UInt64, first: Int, isDurable: Bool) throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_adddup2(&actions, ends[1], childDescriptor)
        for stream in [1, 2] as [Int32] { posix_spawn_file_actions_addopen(&actions, stream, "/dev/null", O_WRONLY, 0) }
        defer { posix_spawn_file_actions_destroy(&actions) }
        let arguments = ["/proc/self/exe", "--testing-library", "swift-testing", "--filter", "storageTortureChild"]
        let variable = "\(childVariable)=\(folder)|\(seed)|\(first)|\(isDurable)"
        var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        var environment: [UnsafeMutablePointer<CChar>?] = [strdup(variable)]
        for name in ["PATH", "LD_LIBRARY_PATH"] { if let value = getenv(name) { environment.append(strdup("\(name)=\(String(cString: value))")) } }
        environment.append(nil)
        defer { for pointer in pointers + environment { free(pointer) } }
        var process: pid_t = 0
        let error = posix_spawn(&process, "/proc/self/exe", &actions, nil, &pointers, &environment)
        close(ends[1])
        try #require(error == 0)
        self.process = process
        progress = ends[0]
    }

    /// Kills it, that long after it was ready and had completed some operations, however slow it is; how many operations it completed.
    func kill(afterOperations count: Int, microseconds delay: UInt32) -> Int {
        var word: UInt8 = 0
        _ = read(progress, &word, 1)
        var completed = 0
        while completed < count, read(progress, &word, 1) == 1 { completed += 1 }
        usleep(delay)
        Glibc.kill(process, SIGKILL)
        while read(progress, &word, 1) == 1 { completed += 1 }
        close(progress)
        var status: Int32 = 0
        waitpid(process, &status, 0)
        return completed
    }
}
