import CLinux
import Glibc
import KVM
import Testing

@testable import LibraryOS
@testable import Monitor

/// What a program brings about ends the program: Skerry itself has not failed then.
@Suite("Task runner", .enabled(if: KVMAccess.available)) struct TaskRunnerTests {
    private let machine: Machine
    private let kernel: Kernel
    private let sandbox: RunningSandbox
    private let task: LibraryOS.Task
    private let runner: TaskRunner

    init() throws {
        machine = try Machine(memoryLimit: 4 << 20)
        kernel = Kernel(host: TestHost(), physicalMemory: machine.memory, configuration: KernelConfiguration())
        sandbox = RunningSandbox(machine: machine, kernel: kernel)
        let root = kernel.mounts.mount(root: TmpFS(kernel: kernel, permissions: 0o755))
        let process = ThreadGroup(id: 2, startTime: kernel.time.monotonicNow(), signals: ProcessSignals())
        let parker = HostParker(host: kernel.host)
        task = LibraryOS.Task(
            kernel: kernel, id: 2, group: process, memory: try AddressSpace(physicalMemory: machine.memory), descriptors: DescriptorTable(),
            fileSystem: FileSystemContext(root: root, workingDirectory: root), credentials: Credentials(user: 0, group: 0), parker: parker)
        kernel.register(task)
        runner = try TaskRunner(machine: machine, task: task, sandbox: sandbox, parker: parker)
        task.machine = runner
        try runner.loadAddressSpace()
    }

    /// The frame of an exception, as the processor leaves it on the exception stack.
    private func pushException(rip: UInt64, cs: UInt64) {
        let words: [UInt64] = [0, rip, cs, 0x202, 0x7fff_0000, 0]
        for (index, word) in words.enumerated() { (runner.slot.exceptionStack + 4048 + index * 8).storeBytes(of: word, as: UInt64.self) }
    }

    @Test(arguments: [Stub.iret, Stub.ring0.fastReturn]) func anExceptionInTheStubIsASegmentationFaultOfTheProgram(_ place: UInt64) throws {
        pushException(rip: place, cs: 8)
        #expect(try !runner.exception(13))
        #expect(task.group.exitStatus.map { $0 & 0x7f } == SIGSEGV)
        #expect(sandbox.failureReason == nil)
    }

    @Test(arguments: [VCPUExit.internalError(1), .shutdown]) func aStoppedProcessorIsASegmentationFaultOfTheProgram(_ exit: VCPUExit) {
        #expect(!runner.endByUnservableInstruction(exit))
        #expect(task.group.exitStatus == SIGSEGV)
        #expect(sandbox.failureReason == nil)
        #expect((kernel.host as? TestHost)?.notices.count == 1)
    }

    @Test func aNewProgramWithoutRoomForItsPageTableRootIsOutOfMemory() throws {
        task.memory = try AddressSpace(physicalMemory: machine.memory)
        while let frames = try? machine.memory.allocate(frames: 1) {
            for run in frames { machine.memory.hostAddress(of: run.start)?.storeBytes(of: 1, as: UInt8.self) }
        }
        // Whatever table frames are in stock.
        while (try? machine.memory.allocateTableFrame()) != nil {}
        #expect(try !runner.finish(59, .registersReplaced, kvm_regs()))
        #expect(task.group.exitStatus == SIGKILL)
        #expect(sandbox.failureReason == nil)
        guard case .outOfMemory(nil) = sandbox.outcome else {
            Issue.record("\(sandbox.outcome)")
            return
        }
    }
}
