import Testing

@testable import LibraryOS

/// The filter machine and its checker, as a specification.
@Suite("Seccomp filters") struct SeccompTests {
    private static let allow = BPFInstruction(BPFCode.returnConstant, SeccompVerdict.allow)

    private func run(_ instructions: [BPFInstruction], _ call: SyscallCall = SyscallCall(number: 39), at address: UInt64 = 0x1234_5678_9abc_def0) throws -> UInt32 {
        try BPFProgram(checking: instructions).run(SeccompData(call, instructionPointer: address))
    }
    private func isRefused(_ instructions: [BPFInstruction]) -> Bool {
        do throws(Errno) {
            _ = try BPFProgram(checking: instructions)
            return false
        } catch { return error == .EINVAL }
    }

    /// bpf_check_classic, and what seccomp_check_filter leaves of it.
    @Test(arguments: [
        [], [BPFInstruction(BPFCode.loadAbsolute, 0)], [BPFInstruction(BPFCode.loadAbsolute, 64), allow], [BPFInstruction(BPFCode.loadAbsolute, 2), allow],
        [BPFInstruction(0x28, 0), allow], [BPFInstruction(0x30, 0), allow], [BPFInstruction(0x40, 0), allow], [BPFInstruction(0xb1, 0), allow],
        [BPFInstruction(BPFCode.divide, 0), allow], [BPFInstruction(0x94, 3), allow], [BPFInstruction(BPFCode.shiftLeft, 32), allow],
        [BPFInstruction(BPFCode.shiftRight, 32), allow], [BPFInstruction(BPFCode.store, 16), allow], [BPFInstruction(BPFCode.storeIndex, 16), allow],
        [BPFInstruction(BPFCode.loadMemory, 0), allow], [BPFInstruction(BPFCode.indexMemory, 16), allow], [BPFInstruction(BPFCode.jump, 1), allow],
        [BPFInstruction(BPFCode.jump, .max), allow], [BPFInstruction(BPFCode.jumpEqual, jumpTrue: 1, 0), allow],
        [BPFInstruction(BPFCode.jumpEqual, jumpFalse: 255, 0), allow], [BPFInstruction(0x0e, 0)], [BPFInstruction(0xffff, 0), allow],
        [BPFInstruction(BPFCode.jumpEqual, jumpTrue: 1, 0), BPFInstruction(BPFCode.store, 3), BPFInstruction(BPFCode.loadMemory, 3), allow],
    ])
    func refuses(_ instructions: [BPFInstruction]) { #expect(isRefused(instructions)) }

    @Test func lengthIsBounded() {
        #expect(!isRefused(Array(repeating: Self.allow, count: 4096)))
        #expect(isRefused(Array(repeating: Self.allow, count: 4097)))
    }

    @Test func bothWaysToAWordMayHaveWrittenIt() throws {
        let program = [
            BPFInstruction(BPFCode.jumpEqual, jumpTrue: 0, jumpFalse: 2, 0), BPFInstruction(BPFCode.store, 3), BPFInstruction(BPFCode.jump, 1),
            BPFInstruction(BPFCode.store, 3), BPFInstruction(BPFCode.loadMemory, 3), BPFInstruction(BPFCode.returnAccumulator),
        ]
        #expect(try run(program) == 0)
    }

    @Test func dataIsTheCall() throws {
        let call = SyscallCall(number: 0xffff_ffff_0000_0027, 0x1_0000_0002, 3, 4, 5, 6, 0x7_0000_0008)
        let words: [UInt32] = [0x27, 0xc000_003e, 0x9abc_def0, 0x1234_5678, 2, 1, 3, 0, 4, 0, 5, 0, 6, 0, 8, 7]
        for (index, word) in words.enumerated() {
            #expect(try run([BPFInstruction(BPFCode.loadAbsolute, UInt32(index * 4)), BPFInstruction(BPFCode.returnAccumulator)], call) == word)
        }
    }

    @Test(arguments: [
        (BPFCode.add, UInt32(5), UInt32(4)), (BPFCode.subtract, 5, 0xffff_fffa), (BPFCode.multiply, 5, 0xffff_fffb), (BPFCode.divide, 2, 0x7fff_ffff),
        (BPFCode.or, 5, 0xffff_ffff), (BPFCode.and, 5, 5), (BPFCode.exclusiveOr, 5, 0xffff_fffa), (BPFCode.shiftLeft, 4, 0xffff_fff0),
        (BPFCode.shiftRight, 4, 0x0fff_ffff),
    ]) func calculatesIn32Bits(_ code: UInt16, _ operand: UInt32, _ result: UInt32) throws {
        let end = BPFInstruction(BPFCode.returnAccumulator)
        #expect(try run([BPFInstruction(BPFCode.loadImmediate, .max), BPFInstruction(code, operand), end]) == result)
        let index = [BPFInstruction(BPFCode.loadImmediate, .max), BPFInstruction(BPFCode.indexImmediate, operand), BPFInstruction(code | BPFCode.indexOperand), end]
        #expect(try run(index) == result)
    }

    @Test func dividingByZeroEndsWithZero() throws {
        let program = [BPFInstruction(BPFCode.indexImmediate, 0), BPFInstruction(BPFCode.divide | BPFCode.indexOperand), Self.allow]
        #expect(try run(program) == 0)
    }

    @Test func shiftsByTheIndexUseFiveBits() throws {
        let program = [
            BPFInstruction(BPFCode.loadImmediate, 1), BPFInstruction(BPFCode.indexImmediate, 33), BPFInstruction(BPFCode.shiftLeft | BPFCode.indexOperand),
            BPFInstruction(BPFCode.returnAccumulator),
        ]
        #expect(try run(program) == 2)
    }

    @Test func everyWordOfMemoryKeepsItsValue() throws {
        var program: [BPFInstruction] = []
        for word: UInt32 in 0..<16 { program += [BPFInstruction(BPFCode.loadImmediate, word &* 0x1111_1111), BPFInstruction(BPFCode.store, word)] }
        for word: UInt32 in 0..<16 {
            let rest = [BPFInstruction(BPFCode.loadMemory, word), BPFInstruction(BPFCode.returnAccumulator)]
            #expect(try run(program + rest) == word &* 0x1111_1111)
        }
    }

    @Test func stricterActionsComeFirst() {
        let order = [
            SeccompVerdict.killProcess, SeccompVerdict.killThread, SeccompVerdict.trap, SeccompVerdict.error, SeccompVerdict.notify, SeccompVerdict.trace,
            SeccompVerdict.log, SeccompVerdict.allow,
        ]
        for (first, second) in zip(order, order.dropFirst()) { #expect(SeccompVerdict(first | 1).isStricter(than: SeccompVerdict(second))) }
        #expect(!SeccompVerdict(SeccompVerdict.error | 1).isStricter(than: SeccompVerdict(SeccompVerdict.error | 2)))
    }

    /// Whatever is in a filter: it is refused, or it ends.
    @Test func randomFiltersEnd() {
        var generator = SystemRandomNumberGenerator()
        var accepted = 0
        for _ in 0..<20_000 {
            var program = (0..<Int.random(in: 1...12, using: &generator)).map { _ in
                BPFInstruction(
                    UInt16.random(in: 0...0xb7, using: &generator), jumpTrue: UInt8.random(in: 0...3, using: &generator),
                    jumpFalse: UInt8.random(in: 0...3, using: &generator), UInt32.random(in: 0...66, using: &generator))
            }
            program.append(Self.allow)
            guard let checked = try? BPFProgram(checking: program) else { continue }
            accepted += 1
            _ = checked.run(SeccompData(SyscallCall(number: .max, .max, .max, .max, .max, .max, .max), instructionPointer: .max))
        }
        #expect(accepted > 0)
    }

    @Test func needsAPromiseOrAPrivilege() throws {
        let sandbox = TestKernel()
        let task = try sandbox.makeTask(user: 1000)
        let place = task.mapped(pages: 1)
        var writer = ByteWriter()
        writer.u64(1)
        writer.u64(place + 256)
        try task.memory.writeBytes(writer.bytes, to: GuestAddress(place))
        var code = ByteWriter()
        code.u32(UInt32(BPFCode.returnConstant))
        code.u32(SeccompVerdict.allow)
        try task.memory.writeBytes(code.bytes, to: GuestAddress(place + 256))
        #expect(task.result(317, 1, 0, place) == Errno.EACCES.syscallResult)
        task.noNewPrivileges = true
        var installed = 0
        while installed < 10_000, task.result(317, 1, 0, place) == 0 { installed += 1 }
        // One instruction and four for each filter before the last.
        #expect(installed == 1 + (32768 - 1) / 5)
        #expect(task.result(317, 1, 0, place) == Errno.ENOMEM.syscallResult)
        #expect(task.seccomp.filters.count == installed)
    }
}
