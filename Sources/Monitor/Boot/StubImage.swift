import LibraryOS

internal import GuestABI
internal import GuestStub

/// The guest stub in guest memory: gate, exception gates, GDT with TSS, IDT; shared by all thread slots of a virtual machine.
final class StubImage {
    /// Page index in the stub's window, and the page-table entry for it.
    let entries: [(Int, UInt64)]

    private static func address(_ page: Int32) -> UInt64 { SKERRY_WINDOW_ADDRESS + UInt64(page) * 4096 }
    private static var SKERRY_WINDOW_ADDRESS: UInt64 { skerry_window }

    /// Copies the stub into fresh frames.
    init(memory: GuestPhysicalMemory, bootInformation: [UInt8]) throws(Errno) {
        func page() throws(Errno) -> (frame: UInt64, bytes: UnsafeMutableRawPointer) {
            let frame = try memory.allocateTableFrame()
            return (frame, memory.base + Int(frame << 12))
        }
        let gate = try page()
        gate.bytes.copyMemory(from: Stub.gateStart, byteCount: Stub.gateSize)
        let exceptions = try page()
        exceptions.bytes.copyMemory(from: Stub.exceptionsStart, byteCount: Stub.exceptionsSize)
        let descriptors = try page()
        Self.fillDescriptors(descriptors.bytes)
        let interrupts = try page()
        Self.fillInterrupts(interrupts.bytes)
        let noExecute: UInt64 = 1 << 63
        var entries: [(Int, UInt64)] = [
            (Int(SKERRY_PAGE_GATE), gate.frame << 12 | 0x25),
            (Int(SKERRY_PAGE_EXCEPTIONS), exceptions.frame << 12 | 0x21),
            (Int(SKERRY_PAGE_GDT), descriptors.frame << 12 | 0x63 | noExecute),
            (Int(SKERRY_PAGE_IDT), interrupts.frame << 12 | 0x61 | noExecute),
        ]
        for offset in stride(from: 0, to: min(bootInformation.count, 4 * 4096), by: 4096) {
            let boot = try page()
            let part = bootInformation[offset..<min(offset + 4096, bootInformation.count)]
            part.withUnsafeBytes { source in
                if let start = source.baseAddress { boot.bytes.copyMemory(from: start, byteCount: source.count) }
            }
            entries.append((Int(SKERRY_PAGE_BOOT_INFORMATION) + offset / 4096, boot.frame << 12 | 0x21 | noExecute))
        }
        self.entries = entries
    }

    /// GDT with Linux's selectors, and the TSS at +0x100 (AMD64 Architecture Programmer's Manual volume 2, 4.8 and 12.2).
    private static func fillDescriptors(_ page: UnsafeMutableRawPointer) {
        let gdt = page.assumingMemoryBound(to: UInt64.self)
        gdt[Int(SKERRY_KERNEL_CS) / 8] = 0x00af_9b00_0000_ffff
        gdt[Int(SKERRY_KERNEL_SS) / 8] = 0x00cf_9300_0000_ffff
        gdt[Int(SKERRY_USER32_CS) / 8] = 0x00cf_fb00_0000_ffff
        gdt[Int(SKERRY_USER_SS) / 8] = 0x00cf_f300_0000_ffff
        gdt[Int(SKERRY_USER_CS) / 8] = 0x00af_fb00_0000_ffff
        let tss = tssAddress
        let limit = tssLimit
        gdt[Int(SKERRY_TSS) / 8] =
            limit & 0xffff | (tss & 0xff_ffff) << 16 | 0x8b << 40 | (limit >> 16 & 15) << 48 | (tss >> 24 & 0xff) << 56
        gdt[Int(SKERRY_TSS) / 8 + 1] = tss >> 32
        let segment = page + 0x100
        let stackTop = exceptionStackTop
        segment.storeBytes(of: stackTop, toByteOffset: 4, as: UInt64.self)  // RSP0 (unaligned by design of the TSS)
        segment.storeBytes(of: stackTop, toByteOffset: 36, as: UInt64.self)  // IST1
        segment.storeBytes(of: UInt16(bitmapOffset), toByteOffset: 102, as: UInt16.self)
        // The permission bitmap: a zero bit allows the port at CPL 3; behind the last byte there must be one of ones.
        let bitmap = segment + Int(bitmapOffset)
        for index in 0..<33 { bitmap.storeBytes(of: 0xff, toByteOffset: index, as: UInt8.self) }
        for port in [SKERRY_PORT_SYSCALL, SKERRY_PORT_SYSCALL_SPUN] {
            let byte = Int(port) / 8
            let bits = bitmap.load(fromByteOffset: byte, as: UInt8.self)
            bitmap.storeBytes(of: bits & ~(1 << UInt8(port % 8)), toByteOffset: byte, as: UInt8.self)
        }
    }

    private static let bitmapOffset: UInt64 = 104
    static let tssLimit: UInt64 = 104 + 33 - 1
    static var tssAddress: UInt64 { address(SKERRY_PAGE_GDT) + 0x100 }
    static var gdtAddress: UInt64 { address(SKERRY_PAGE_GDT) }
    static var idtAddress: UInt64 { address(SKERRY_PAGE_IDT) }
    static var exceptionStackTop: UInt64 { address(SKERRY_PAGE_EXCEPTION_STACK) + 4096 }
    static var gateAddress: UInt64 { address(SKERRY_PAGE_GATE) }
    /// An instruction of the gate's page.
    static func isInGate(_ rip: UInt64) -> Bool { rip >= gateAddress && rip < gateAddress + 4096 }
    static var exceptionsAddress: UInt64 { address(SKERRY_PAGE_EXCEPTIONS) }

    /// One interrupt gate per vector; #BP and #OF may be raised by `int3` and `into` at CPL 3. All use IST1, since the gate's CPL 0 body runs on the program's stack.
    private static func fillInterrupts(_ page: UnsafeMutableRawPointer) {
        let idt = page.assumingMemoryBound(to: UInt64.self)
        for vector in 0..<32 {
            let handler = exceptionsAddress + UInt64(vector) * UInt64(SKERRY_EXCEPTION_STRIDE)
            let privilege: UInt64 = vector == 3 || vector == 4 ? 3 : 0
            idt[vector * 2] =
                handler & 0xffff | UInt64(SKERRY_KERNEL_CS) << 16 | 1 << 32 | (0x8e | privilege << 5) << 40 | (handler >> 16 & 0xffff) << 48
            idt[vector * 2 + 1] = handler >> 32
        }
    }
}

/// Addresses inside the stub's image, as data in the monitor and as code in the guest.
enum Stub {
    static var gateStart: UnsafeRawPointer { skerry_stub_symbol(0) }
    static var gateSize: Int { skerry_stub_symbol(1) - skerry_stub_symbol(0) }
    static var exceptionsStart: UnsafeRawPointer { skerry_stub_symbol(2) }
    static var exceptionsSize: Int { skerry_stub_symbol(3) - skerry_stub_symbol(2) }
    /// Guest address of the lone `iretq`.
    static let iret = StubImage.exceptionsAddress + UInt64(skerry_stub_symbol(4) - skerry_stub_symbol(2))
    /// The labels of the two gate bodies as guest addresses.
    static let ring0 = GateLabels(firstSymbol: 5)
    static let ring3 = GateLabels(firstSymbol: 15)
}

/// Where a gate body is in its work (guest/stub/stub.S); all guest addresses.
struct GateLabels {
    let entry, ripStored, published, requested, answered, spunOut, returning, fastOut, fastReturn, end: UInt64

    init(firstSymbol first: Int32) {
        func label(_ index: Int32) -> UInt64 { StubImage.gateAddress + UInt64(skerry_stub_symbol(first + index) - skerry_stub_symbol(0)) }
        entry = label(0)
        ripStored = label(1)
        published = label(2)
        requested = label(3)
        answered = label(4)
        spunOut = label(5)
        returning = label(6)
        fastOut = label(7)
        fastReturn = label(8)
        end = label(9)
    }
}
