/// One instruction of the classic packet filter machine (struct sock_filter).
package struct BPFInstruction: Sendable, Equatable {
    /// Class, operation, operand.
    package let code: UInt16
    /// How many instructions a conditional jump skips when its condition holds, and when it does not.
    package let jumpTrue: UInt8, jumpFalse: UInt8
    /// The constant operand.
    package let constant: UInt32

    package init(_ code: UInt16, jumpTrue: UInt8 = 0, jumpFalse: UInt8 = 0, _ constant: UInt32 = 0) {
        self.code = code
        self.jumpTrue = jumpTrue
        self.jumpFalse = jumpFalse
        self.constant = constant
    }
}

/// The operation codes that a seccomp filter may contain (linux/bpf_common.h; the bit for the index register is `X`).
package enum BPFCode {
    package static let loadAbsolute: UInt16 = 0x20, loadLength: UInt16 = 0x80, loadImmediate: UInt16 = 0x00, loadMemory: UInt16 = 0x60
    package static let indexImmediate: UInt16 = 0x01, indexMemory: UInt16 = 0x61, indexLength: UInt16 = 0x81
    package static let store: UInt16 = 0x02, storeIndex: UInt16 = 0x03
    package static let add: UInt16 = 0x04, subtract: UInt16 = 0x14, multiply: UInt16 = 0x24, divide: UInt16 = 0x34, or: UInt16 = 0x44, and: UInt16 = 0x54
    package static let shiftLeft: UInt16 = 0x64, shiftRight: UInt16 = 0x74, negate: UInt16 = 0x84, exclusiveOr: UInt16 = 0xa4
    package static let jump: UInt16 = 0x05, jumpEqual: UInt16 = 0x15, jumpGreater: UInt16 = 0x25, jumpGreaterOrEqual: UInt16 = 0x35, jumpSet: UInt16 = 0x45
    package static let returnConstant: UInt16 = 0x06, returnAccumulator: UInt16 = 0x16
    package static let toIndex: UInt16 = 0x07, fromIndex: UInt16 = 0x87
    /// The operand is the index register instead of the constant.
    package static let indexOperand: UInt16 = 0x08

    static let arithmetic: Set<UInt16> = [add, subtract, multiply, divide, or, and, shiftLeft, shiftRight, exclusiveOr]
    static let conditionalJumps: Set<UInt16> = [jumpEqual, jumpGreater, jumpGreaterOrEqual, jumpSet]
    static let others: Set<UInt16> = [
        loadAbsolute, loadLength, loadImmediate, loadMemory, indexImmediate, indexMemory, indexLength, store, storeIndex, negate, jump, returnConstant,
        returnAccumulator, toIndex, fromIndex,
    ]
    static func isArithmetic(_ code: UInt16) -> Bool { arithmetic.contains(code & ~indexOperand) }
    static func isConditionalJump(_ code: UInt16) -> Bool { conditionalJumps.contains(code & ~indexOperand) }
    static func isAllowed(_ code: UInt16) -> Bool { others.contains(code) || isArithmetic(code) || isConditionalJump(code) }
}

/// A filter over struct seccomp_data that has been checked as the kernel checks it (bpf_check_classic, check_load_and_stores, seccomp_check_filter): it
/// ends within as many steps as it has instructions, and never leaves the data or its sixteen words of memory.
package struct BPFProgram: Sendable {
    /// BPF_MAXINSNS.
    package static let maximumLength = 4096
    private static let memoryWords: UInt32 = 16
    /// Bytes of struct seccomp_data.
    package static let dataSize: UInt32 = 64

    package let instructions: [BPFInstruction]

    /// `EINVAL` for what the kernel refuses.
    package init(checking instructions: [BPFInstruction]) throws(Errno) {
        guard !instructions.isEmpty, instructions.count <= Self.maximumLength else { throw .EINVAL }
        for (index, instruction) in instructions.enumerated() {
            guard Self.isValid(instruction, after: instructions.count &- index &- 1) else { throw .EINVAL }
        }
        guard let last = instructions.last, last.code == BPFCode.returnConstant || last.code == BPFCode.returnAccumulator else { throw .EINVAL }
        guard Self.readsOnlyWhatWasWritten(instructions) else { throw .EINVAL }
        self.instructions = instructions
    }

    /// Whether an instruction with `following` others behind it is one that may be there.
    private static func isValid(_ instruction: BPFInstruction, after following: Int) -> Bool {
        let (code, constant) = (instruction.code, instruction.constant)
        guard BPFCode.isAllowed(code) else { return false }
        switch code {
        case BPFCode.divide: return constant != 0
        case BPFCode.shiftLeft, BPFCode.shiftRight: return constant < 32
        case BPFCode.loadMemory, BPFCode.indexMemory, BPFCode.store, BPFCode.storeIndex: return constant < memoryWords
        case BPFCode.loadAbsolute: return constant < dataSize && constant & 3 == 0
        case BPFCode.jump: return UInt64(constant) < UInt64(following)
        default:
            guard BPFCode.isConditionalJump(code) else { return true }
            return Int(instruction.jumpTrue) < following && Int(instruction.jumpFalse) < following
        }
    }

    /// No path may read a word of memory that it has not written (check_load_and_stores).
    private static func readsOnlyWhatWasWritten(_ instructions: [BPFInstruction]) -> Bool {
        var masks = [UInt16](repeating: .max, count: instructions.count)
        var written: UInt16 = 0
        for (index, instruction) in instructions.enumerated() {
            written &= masks[index]
            let next = index &+ 1
            switch instruction.code {
            case BPFCode.store, BPFCode.storeIndex: written |= 1 << UInt16(instruction.constant & 15)
            case BPFCode.loadMemory, BPFCode.indexMemory:
                if written & (1 << UInt16(instruction.constant & 15)) == 0 { return false }
            case BPFCode.jump:
                masks[next &+ Int(instruction.constant)] &= written
                written = .max
            default:
                guard BPFCode.isConditionalJump(instruction.code) else { continue }
                masks[next &+ Int(instruction.jumpTrue)] &= written
                masks[next &+ Int(instruction.jumpFalse)] &= written
                written = .max
            }
        }
        return true
    }

    /// Runs the filter over the sixteen words of struct seccomp_data; returns its verdict. A division by zero returns zero, as in the kernel.
    package func run(_ data: SeccompData) -> UInt32 {
        var machine = BPFMachine(data)
        var position = 0
        // Jumps only go forward.
        while position < instructions.count {
            let instruction = instructions[position]
            if let verdict = machine.step(instruction, &position) { return verdict }
            position &+= 1
        }
        return 0
    }
}

/// The registers and the memory of a running filter.
private struct BPFMachine {
    private var accumulator: UInt32 = 0, index: UInt32 = 0
    private var memory = InlineWords()
    private let data: SeccompData

    /// Sixteen words without an allocation for every system call.
    private struct InlineWords {
        private var words: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0, 0, 0, 0)
        subscript(number: UInt32) -> UInt32 {
            get {
                let pair: UInt64 =
                    switch (number & 15) >> 1 {
                    case 0: words.0
                    case 1: words.1
                    case 2: words.2
                    case 3: words.3
                    case 4: words.4
                    case 5: words.5
                    case 6: words.6
                    default: words.7
                    }
                return UInt32(truncatingIfNeeded: pair >> (number & 1 == 0 ? 0 : 32))
            }
            set {
                let shift: UInt64 = number & 1 == 0 ? 0 : 32
                func changed(_ pair: UInt64) -> UInt64 { (pair & ~(0xffff_ffff << shift)) | UInt64(newValue) << shift }
                switch (number & 15) >> 1 {
                case 0: words.0 = changed(words.0)
                case 1: words.1 = changed(words.1)
                case 2: words.2 = changed(words.2)
                case 3: words.3 = changed(words.3)
                case 4: words.4 = changed(words.4)
                case 5: words.5 = changed(words.5)
                case 6: words.6 = changed(words.6)
                default: words.7 = changed(words.7)
                }
            }
        }
    }

    init(_ data: SeccompData) { self.data = data }

    /// One instruction; the verdict when it was the last.
    mutating func step(_ instruction: BPFInstruction, _ position: inout Int) -> UInt32? {
        let constant = instruction.constant
        switch instruction.code {
        case BPFCode.loadAbsolute: accumulator = data.word(constant)
        case BPFCode.loadLength: accumulator = BPFProgram.dataSize
        case BPFCode.indexLength: index = BPFProgram.dataSize
        case BPFCode.loadImmediate: accumulator = constant
        case BPFCode.indexImmediate: index = constant
        case BPFCode.loadMemory: accumulator = memory[constant]
        case BPFCode.indexMemory: index = memory[constant]
        case BPFCode.store: memory[constant] = accumulator
        case BPFCode.storeIndex: memory[constant] = index
        case BPFCode.toIndex: index = accumulator
        case BPFCode.fromIndex: accumulator = index
        case BPFCode.negate: accumulator = 0 &- accumulator
        case BPFCode.jump: position &+= Int(constant)
        case BPFCode.returnConstant: return constant
        case BPFCode.returnAccumulator: return accumulator
        default:
            let operand = instruction.code & BPFCode.indexOperand != 0 ? index : constant
            if instruction.code & 7 == 5 {
                position &+= Int(holds(instruction.code, operand) ? instruction.jumpTrue : instruction.jumpFalse)
            } else {
                return calculate(instruction.code & ~BPFCode.indexOperand, operand)
            }
        }
        return nil
    }

    private func holds(_ code: UInt16, _ operand: UInt32) -> Bool {
        switch code & ~BPFCode.indexOperand {
        case BPFCode.jumpEqual: accumulator == operand
        case BPFCode.jumpGreater: accumulator > operand
        case BPFCode.jumpGreaterOrEqual: accumulator >= operand
        default: accumulator & operand != 0
        }
    }

    /// Changes the accumulator; a verdict only for a division by zero.
    private mutating func calculate(_ code: UInt16, _ operand: UInt32) -> UInt32? {
        switch code {
        case BPFCode.add: accumulator = accumulator &+ operand
        case BPFCode.subtract: accumulator = accumulator &- operand
        case BPFCode.multiply: accumulator = accumulator &* operand
        case BPFCode.divide:
            if operand == 0 { return 0 }
            accumulator /= operand
        case BPFCode.or: accumulator |= operand
        case BPFCode.and: accumulator &= operand
        case BPFCode.exclusiveOr: accumulator ^= operand
        // Shifts by more than the width use the low five bits, as the kernel's machine does.
        case BPFCode.shiftLeft: accumulator = accumulator &<< operand
        default: accumulator = accumulator &>> operand
        }
        return nil
    }
}
