import CFDT

internal import GuestABI

/// What the guest is told at boot: a flattened device tree (Devicetree Specification, release 0.4), written with libfdt. The same configuration gives the same bytes, so that the tree can be measured.
///
/// ```
/// /                    compatible "skerry,guest"; two address cells, two size cells
/// /memory@…            RAM, with the most that may be resident in `skerry,limit`
/// /file-windows@…      where mappings of host files appear
/// /stub@…              the stub's window; the page index of each of its parts
/// /cpus/cpu@n          the vCPUs that exist at boot; `skerry,maximum` more are made as threads start
/// /chosen              bootargs
/// ```
struct BootInformation {
    /// A span of guest-physical addresses.
    struct Range: Equatable {
        var start: UInt64
        var size: UInt64
    }
    /// Guest-physical RAM.
    var memory: [Range] = [Range(start: GuestMemoryLayout.ramStart, size: GuestMemoryLayout.ramSpan)]
    /// Where host files are mapped.
    var fileWindows = Range(start: GuestMemoryLayout.windowStart, size: GuestMemoryLayout.windowSpan)
    /// The most bytes of RAM that may be resident.
    var memoryLimit: UInt64
    /// The vCPUs that exist at boot.
    var processors: [UInt32] = [0]
    /// How many vCPUs there may ever be.
    var maximumProcessors: UInt32
    /// `bootargs` of /chosen.
    var arguments = ""

    /// The room the stub's window has for the tree.
    static let maximumSize = Int(SKERRY_PAGE_MAILBOX - SKERRY_PAGE_BOOT_INFORMATION) * 4096

    /// The tree as bytes.
    func encoded() throws(MonitorError) -> [UInt8] {
        try DeviceTreeWriter.tree(capacity: Self.maximumSize) { root in
            root.cell("#address-cells", 2)
            root.cell("#size-cells", 2)
            root.text("compatible", "skerry,guest")
            for range in memory {
                root.node("memory", at: range.start) { node in
                    node.text("device_type", "memory")
                    node.range(range)
                    node.number("skerry,limit", memoryLimit)
                }
            }
            root.node("file-windows", at: fileWindows.start) { node in
                node.text("compatible", "skerry,file-windows")
                node.range(fileWindows)
            }
            root.node("stub", at: skerry_window) { writeStub(&$0) }
            root.node("cpus") { writeProcessors(&$0) }
            root.node("chosen") { $0.text("bootargs", arguments) }
        }
    }

    /// The mailbox and the exception stack are at the same address in every thread slot: each slot's top-level page maps its own pages there.
    private func writeStub(_ node: inout DeviceTreeWriter) {
        node.text("compatible", "skerry,stub")
        // A virtual address, hence `skerry,window` and not `reg`.
        node.number("skerry,window", skerry_window)
        node.cell("skerry,gate-page", UInt32(SKERRY_PAGE_GATE))
        node.cell("skerry,exceptions-page", UInt32(SKERRY_PAGE_EXCEPTIONS))
        node.cell("skerry,descriptors-page", UInt32(SKERRY_PAGE_GDT))
        node.cell("skerry,interrupts-page", UInt32(SKERRY_PAGE_IDT))
        node.cell("skerry,boot-information-page", UInt32(SKERRY_PAGE_BOOT_INFORMATION))
        node.cell("skerry,mailbox-page", UInt32(SKERRY_PAGE_MAILBOX))
        node.cell("skerry,exception-stack-page", UInt32(SKERRY_PAGE_EXCEPTION_STACK))
        node.cell("skerry,system-call-port", UInt32(SKERRY_PORT_SYSCALL))
        node.cell("skerry,spun-system-call-port", UInt32(SKERRY_PORT_SYSCALL_SPUN))
        node.cell("skerry,exception-port", UInt32(SKERRY_PORT_EXCEPTION))
    }

    private func writeProcessors(_ node: inout DeviceTreeWriter) {
        node.cell("#address-cells", 1)
        node.cell("#size-cells", 0)
        node.cell("skerry,maximum", maximumProcessors)
        for processor in processors {
            node.node("cpu", at: UInt64(processor)) { cpu in
                cpu.text("device_type", "cpu")
                cpu.cell("reg", processor)
            }
        }
    }
}
