import ArgumentParser
import Confidential
import Foundation
import LaunchManifest

/// `skerry snp measure`.
struct MeasureCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "measure",
        abstract: "Print the launch digest that the report of a guest will contain.",
        discussion: """
            PLAN.json has the pages in the order of their launch, then the registers of the processors:

              {"pages": [{"type": "normal", "gpa": "0x100000", "file": "image.bin"},
                         {"type": "zero", "gpa": "0x200000", "len": 8192},
                         {"type": "secrets", "gpa": "0x202000"}, {"type": "cpuid", "gpa": "0x203000"},
                         {"type": "vmsa", "profile": "long-mode", "rip": "0x100000", "cr3": "0x8000000300000"}],
               "policy": "0x30000", "host_data": "HEX"}

            Types are normal (with hex or file), zero, unmeasured, secrets, cpuid and vmsa (with hex or file of 4096 bytes, or the profile untouched, real-mode or
            long-mode and the registers that are other than there: rip, rsp, rax ... r15, rflags, cr0, cr3, cr4, efer, xcr0, cs ... tr, gdtr, idtr). Further keys: \
            memory, features, visible_workarounds, id_block, id_auth.
            """)

    @Argument(help: ArgumentHelp("The launch plan.", valueName: "PLAN.json"))
    var plan: String

    @Flag(help: "Also print the digest after each entry, to find the first one that is another elsewhere.")
    var trace = false

    func run() throws {
        let plan = try LaunchManifest(file: URL(filePath: plan)).plan
        // A digest can be predicted of plans that cannot be launched; that is told, but no failure.
        do { try plan.validate() } catch { Output.complain("this plan cannot be launched: \(error)") }
        if trace {
            var digest = LaunchDigest()
            for run in plan.runs {
                digest.extend(run)
                print("\(digest.bytes.hexadecimal)  \(run.type) 0x\(String(run.address, radix: 16)), \(run.pageCount) pages")
            }
            for (index, processor) in plan.processors.enumerated() {
                digest.extendRegisters(processor.page(features: plan.features))
                print("\(digest.bytes.hexadecimal)  registers of processor \(index)")
            }
        }
        print(plan.measurement.bytes.hexadecimal)
    }
}
