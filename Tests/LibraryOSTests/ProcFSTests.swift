import Testing

@testable import LibraryOS

@Suite("ProcFS")
struct ProcFSTests {
    let sandbox: TestKernel
    let task: Task
    let proc: ProcFS

    init() throws {
        var configuration = KernelConfiguration()
        configuration.processors = 3
        sandbox = TestKernel(frames: 4096, configuration: configuration)
        task = try sandbox.makeTask(user: 1000, groups: [7, 8])
        task.name = bytes("worker")
        proc = ProcFS(kernel: sandbox.kernel)
    }

    private func inode(_ path: String) throws -> Inode {
        try path.split(separator: "/").reduce(proc.root) { directory, name in try directory.lookup(bytes(String(name))) }
    }
    private func text(_ path: String) throws -> String {
        let file = try #require(try inode(path) as? GeneratedFile)
        return String(decoding: try file.content(task), as: UTF8.self)
    }
    private func names(_ path: String) throws -> [String] {
        try #require(try inode(path) as? GeneratedDirectory).names().map { String(decoding: $0.name, as: UTF8.self) }
    }

    @Test func memoryTotalIsTheSandboxsLimit() throws {
        let lines = try text("meminfo").split(separator: "\n")
        #expect(lines[0] == "MemTotal:          16388 kB")
        #expect(lines.contains("VmallocTotal:   34359738367 kB"))
    }

    @Test func processorsAreThoseConfigured() throws {
        #expect(try text("stat").split(separator: "\n").filter { $0.hasPrefix("cpu") }.count == 4)
        #expect(try text("cpuinfo").split(separator: "\n").filter { $0.hasPrefix("processor\t: ") }.last == "processor\t: 2")
        let status = try text("\(task.id)/status")
        #expect(status.contains("\nCpus_allowed:\t7\nCpus_allowed_list:\t0-2\n"))
    }

    @Test func statusNamesTheProcess() throws {
        let status = try text("\(task.id)/status")
        #expect(status.hasPrefix("Name:\tworker\nUmask:\t0022\nState:\tR (running)\nTgid:\t\(task.id)\n"))
        #expect(status.contains("\nUid:\t1000\t1000\t1000\t1000\n"))
        #expect(status.contains("\nGroups:\t7 8 \n"))
        #expect(status.contains("\nCapBnd:\t00000000a98425fb\n"))
    }

    @Test func statHasFiftyTwoFields() throws {
        for path in ["\(task.id)/stat", "1/stat"] {
            #expect(try text(path).split(whereSeparator: { $0 == " " || $0 == "\n" }).count == 52)
        }
    }

    @Test func mapsPutNamesInColumnSeventyThree() throws {
        let page = task.mapped(pages: 2)
        let line = try #require(try text("\(task.id)/maps").split(separator: "\n").first)
        #expect(line == "\(String(page, radix: 16))-\(String(page + 8192, radix: 16)) rw-p 00000000 00:00 0 ")
    }

    @Test func limitsAreColumns() throws {
        let lines = try text("\(task.id)/limits").split(separator: "\n")
        #expect(lines[8] == "Max open files            1024                 1048576              files     ")
        #expect(lines[14] == "Max nice priority         0                    0                    ")
        #expect(lines.count == 17)
    }

    @Test func selfIsTheReader() throws {
        #expect(try inode("self").readLink(for: task) == bytes("\(task.id)"))
        #expect(try inode("thread-self").readLink(for: task) == bytes("\(task.id)/task/\(task.id)"))
        #expect(try names("").suffix(2) == ["1", "\(task.id)"])
        #expect(throws: Errno.ENOENT) { try inode("4000") }
        #expect(throws: Errno.ENOENT) { try inode("0\(task.id)") }
    }

    @Test func processOneIsInit() throws {
        #expect(try text("1/comm") == "init\n")
        #expect(try text("1/status").hasSuffix("Groups:\t \nThreads:\t1\n"))
    }

    @Test func commCanBeWrittenAndIsCut() throws {
        let file = try #require(try inode("\(task.id)/comm") as? GeneratedFile)
        let store = try #require(file.store)
        try store(task, bytes("a-name-longer-than-fifteen\n"))
        #expect(try text("\(task.id)/comm") == "a-name-longer-t\n")
    }

    @Test func hostNameIsForRootToChange() throws {
        let file = try #require(try inode("sys/kernel/hostname") as? GeneratedFile)
        let store = try #require(file.store)
        #expect(throws: Errno.EPERM) { try store(task, bytes("x\n")) }
        #expect(try text("sys/kernel/hostname") == "skerry\n")
    }

    @Test func bootIDStaysAndUUIDChanges() throws {
        #expect(try text("sys/kernel/random/boot_id") == text("sys/kernel/random/boot_id"))
        #expect(try text("sys/kernel/random/uuid") != text("sys/kernel/random/uuid"))
        #expect(ProcText.uuid([UInt8](repeating: 0xff, count: 16)) == bytes("ffffffff-ffff-4fff-bfff-ffffffffffff\n"))
    }

    @Test func processorListsAreRanges() {
        #expect(ProcText.processorList([0b1000_1011, 0b1]) == bytes("0-1,3,7-8"))
        #expect(ProcText.processorMask([0xff, 0xff, 0xff, 0xff, 0b11, 0, 0, 0], count: 34) == bytes("3,ffffffff"))
    }

    @Test func inodeNumbersAreStable() throws {
        #expect(try inode("sys/vm/swappiness").number == inode("sys/vm/swappiness").number)
        #expect(try inode("sys/vm/swappiness").number != inode("sys/vm/nr_hugepages").number)
    }

    @Test func deadProcessesAreGone() throws {
        let other = try sandbox.makeTask()
        let directory = try inode("\(other.id)")
        _ = sandbox.kernel.processes.remove(other)
        #expect(throws: Errno.ESRCH) { try directory.lookup(bytes("status")) }
    }

    @Test func readsInPiecesFitTogether() throws {
        let mounted = try sandbox.kernel.mounts.mount(proc, at: sandbox.root)
        let location = PathLocation(mount: mounted.mount, inode: try inode("meminfo"), parent: mounted, name: bytes("meminfo"))
        let file = try location.inode.open(flags: [], location: location, task: task)
        func read(_ count: Int, at offset: Int64) throws -> String {
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 1)
            defer { buffer.deallocate() }
            var buffers = UserBuffers(kernel: buffer)
            return String(decoding: buffer.prefix(try file.read(&buffers, at: offset, task: task, inPlace: false)), as: UTF8.self)
        }
        let whole = try text("meminfo")
        #expect(try read(10, at: 0) + read(4096, at: 10) == whole)
        #expect(try read(10, at: 1 << 20) == "")
    }
}
