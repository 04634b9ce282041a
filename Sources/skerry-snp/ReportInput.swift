import ArgumentParser
import SNPAttestation

/// `--report`.
struct ReportInput: ParsableArguments {
    @Option(name: .customLong("report"), help: ArgumentHelp("The report: 1184 bytes, or as many in hexadecimal digits; - is standard input.", valueName: "FILE"))
    var path: String

    /// The report's bytes, however many there are.
    func bytes() throws -> [UInt8] {
        let bytes = try InputFile.read(path)
        if bytes.count != AttestationReport.length, !bytes.isEmpty, let decoded = Hexadecimal.bytes(bytes) { return decoded }
        return bytes
    }

    /// The report.
    func report() throws -> AttestationReport {
        do {
            return try AttestationReport(bytes: try bytes())
        } catch let error as AttestationReportError {
            throw Unusable("\(path): \(error)")
        }
    }
}

/// Values in hexadecimal digits.
enum HexValue {
    /// Just so many bytes; "0x" may come before them.
    static func bytes(_ text: String, count: Int, of name: String) throws -> [UInt8] {
        let digits = text.hasPrefix("0x") ? text.dropFirst(2) : text[...]
        guard let bytes = Hexadecimal.bytes(digits.utf8) else { throw Unusable("\(name) \(text): not hexadecimal digits, two for each byte") }
        guard bytes.count == count else { throw Unusable("\(name): \(bytes.count) bytes instead of \(count)") }
        return bytes
    }
}
