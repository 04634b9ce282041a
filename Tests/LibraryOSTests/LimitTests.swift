import Testing

@testable import LibraryOS

/// The limits of a sandbox as its programs meet them.
@Suite("Limits") struct LimitTests {
    private func kernel(_ change: (inout KernelConfiguration) -> Void) -> TestKernel {
        var configuration = KernelConfiguration()
        change(&configuration)
        return TestKernel(frames: 4096, configuration: configuration)
    }
    private func text(_ sandbox: TestKernel, _ name: String, _ task: Task) throws -> String {
        let file = try #require(try ControlGroupFS(kernel: sandbox.kernel).root.lookup(Array(name.utf8)) as? GeneratedFile)
        return String(decoding: try file.content(task), as: UTF8.self)
    }

    @Test func oneTaskTooManyIsRefusedAndCounted() throws {
        let sandbox = kernel { $0.maximumTasks = 3 }
        let task = try sandbox.makeTask()
        let second = try sandbox.kernel.allocateID()
        _ = try sandbox.kernel.allocateID()
        #expect(throws: Errno.EAGAIN) { try sandbox.kernel.allocateID() }
        #expect(try text(sandbox, "pids.events", task) == "max 1\n")
        #expect(try text(sandbox, "pids.peak", task) == "3\n")
        #expect(try text(sandbox, "pids.max", task) == "3\n")
        sandbox.kernel.processes.abandonID(second)
        #expect(throws: Never.self) { try sandbox.kernel.allocateID() }
    }

    @Test func descriptorsAreCountedWhereTheSandboxRefusesThem() throws {
        let sandbox = kernel { $0.maximumDescriptors = 2 }
        let task = try sandbox.makeTask()
        task.group.limits[ResourceLimits.openFiles] = ResourceLimits.Limit(2, 2)
        _ = try task.run(Number.eventfd2, 0, 0)
        func duplicate() -> Int64? {
            var call = SyscallCall(number: Number.dup, 0)
            guard case .value(let value) = task.execute(&call) else { return nil }
            return value
        }
        #expect(duplicate() == 1)
        #expect(sandbox.kernel.limitEvents.count(.descriptors) == 0)
        #expect(duplicate() == failure(.EMFILE))
        #expect(sandbox.kernel.limitEvents.count(.descriptors) == 1)
        // A limit of the program's own is its own business.
        task.group.limits[ResourceLimits.openFiles] = ResourceLimits.Limit(1, 2)
        #expect(duplicate() == failure(.EMFILE))
        #expect(sandbox.kernel.limitEvents.count(.descriptors) == 1)
    }

    @Test func notEvenRootRaisesTheSandboxsLimitOfDescriptors() throws {
        let sandbox = kernel { $0.maximumDescriptors = 64 }
        let task = try sandbox.makeTask()
        let place = task.mapped()
        func limit(_ value: UInt64) throws -> Int64 {
            var writer = ByteWriter(capacity: 16)
            writer.u64(value)
            writer.u64(value)
            try task.put(writer.bytes, at: place)
            return task.result(Number.setrlimit, UInt64(ResourceLimits.openFiles), place)
        }
        #expect(try limit(64) == 0)
        #expect(try limit(65) == failure(.EPERM))
    }

    @Test func onlyWhatNoHostCouldGiveIsRefusedAtOnce() throws {
        let sandbox = kernel { $0.obviousOvercommit = 1 << 30 }
        let task = try sandbox.makeTask()
        let (privately, withoutReserve): (UInt64, UInt64) = (0x22, 0x4022)
        #expect(task.result(Number.mmap, 0, 2 << 30, 3, privately, .max, 0) == failure(.ENOMEM))
        #expect(task.result(Number.mmap, 0, 2 << 30, 3, withoutReserve, .max, 0) > 0)
        #expect(task.result(Number.mmap, 0, 2 << 30, 0, privately, .max, 0) > 0)
        #expect(task.result(Number.mmap, 0, 1 << 30, 3, privately, .max, 0) > 0)
    }

    @Test func theControlGroupShowsLimitsThatHold() throws {
        let free = kernel { $0.processors = 2 }
        #expect(try text(free, "cpu.max", free.makeTask()) == "max 100000\n")
        let limited = kernel {
            $0.processors = 2
            $0.limitsProcessors = true
        }
        let task = try limited.makeTask()
        #expect(try text(limited, "cpu.max", task) == "200000 100000\n")
        #expect(try text(limited, "cpuset.cpus.effective", task) == "0-1\n")
        #expect(try text(limited, "memory.max", task) == "16777216\n")
        #expect(try text(limited, "cgroup.procs", task) == "\(task.group.id)\n")
        #expect(try text(limited, "memory.events", task).split(separator: "\n").contains("oom_kill 0"))
        #expect(try ControlGroupFS(kernel: limited.kernel).statistics().type == 0x6367_7270)
    }

    @Test func aUserHasHisOwnLimitOfProcesses() throws {
        let sandbox = kernel { _ in }
        let task = try sandbox.makeTask(user: 1000)
        task.machine = TestMachine()
        _ = try sandbox.makeTask(user: 1001)
        task.group.limits[ResourceLimits.processes] = ResourceLimits.Limit(2, 2)
        #expect(task.result(Number.fork) > 0)
        #expect(task.result(Number.fork) == failure(.EAGAIN))
        task.group.limits[ResourceLimits.processes] = ResourceLimits.Limit(1, 2)
        let root = try sandbox.makeTask()
        root.machine = TestMachine()
        root.group.limits[ResourceLimits.processes] = ResourceLimits.Limit(1, 1)
        #expect(root.result(Number.fork) > 0)
    }
}

/// x86-64 numbers of the calls made here.
private enum Number {
    static let mmap: UInt64 = 9, dup: UInt64 = 32, fork: UInt64 = 57, setrlimit: UInt64 = 160, eventfd2: UInt64 = 290
}
