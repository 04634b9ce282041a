extension Task {
    /// rt_sigreturn(2): back to what the frame at the stack pointer says. A bad frame is a SIGSEGV that cannot be escaped.
    func returnFromSignal() -> Outcome {
        do throws(Errno) {
            // The handler's `ret` took the restorer's address, so the stack pointer is at the ucontext.
            let context = ByteReader(try memory.readBytes(GuestAddress(registers.rsp), count: SignalFrame.contextSize))
            let restored = registers.restored(from: context)
            let machineAt = SignalFrame.machineOffset
            // Only 64-bit code: RPL is forced to 3 as the kernel does.
            if context.u16(machineAt + 144) | 3 != SignalFrame.codeSelector { throw .EFAULT }
            if restored.rip >= 1 << 47 { throw .EFAULT }
            if let machine {
                let size = machine.extendedStateSize
                let state = try SignalExtendedState.read(
                    GuestAddress(context.u64(machineAt + 184)), from: memory, size: size, features: machine.extendedStateFeatures)
                if size > 0 { machine.writeExtendedState(state) }
            }
            setSignalMask(SignalSet(bits: context.u64(SignalFrame.maskOffset)))
            registers = restored
            // What a handler has interrupted does not go on (`do_no_restart_syscall` of the kernel).
            restartBlock = nil
            let stackAt = SignalFrame.stackOffset
            let stack = AlternateStack(base: context.u64(stackAt), size: context.u64(stackAt + 16), flags: context.u32(stackAt + 8))
            // As Linux: a stack that cannot be set is left as it is.
            do throws(Errno) { try setAlternateStack(stack) } catch {}
        } catch {
            forceSignal(SignalInfo(Signal.SIGSEGV, code: SignalInfo.kernel))
        }
        return .registersReplaced
    }

    /// sigaltstack(2): `EPERM` while it is in use, `EINVAL`, `ENOMEM`.
    func setAlternateStack(_ stack: AlternateStack) throws(Errno) {
        if signals.alternateStack.size != 0, signals.alternateStack.isInUse(registers.rsp) { throw .EPERM }
        let mode = stack.flags & ~AlternateStack.autoDisarm
        guard mode == 0 || mode == AlternateStack.onStack || mode == AlternateStack.disable else { throw .EINVAL }
        if mode == AlternateStack.disable {
            signals.alternateStack = AlternateStack(base: 0, size: 0, flags: stack.flags)
            return
        }
        if stack == signals.alternateStack { return }
        if stack.size < AlternateStack.minimumSize { throw .ENOMEM }
        signals.alternateStack = stack
    }
}
