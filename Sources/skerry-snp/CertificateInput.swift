import SNPAttestation

/// Certificates as the command line takes them.
enum CertificateInput {
    /// The most files of a folder that are read.
    private static let mostFiles = 256

    /// A folder, or a file of any of the kinds that ``CertificateBundle`` recognises.
    static func add(_ path: String, to bundle: inout CertificateBundle) throws {
        guard InputFile.isFolder(path) else {
            switch bundle.add(try InputFile.read(path), named: path) {
            // What is damaged makes the verdict fail.
            case .added, .fault: return
            case .text: throw Unusable("\(path) is text without a certificate; PEM begins with -----BEGIN CERTIFICATE-----")
            case .report: throw Unusable("\(path) is as long as a report; --certs takes certificates")
            }
        }
        let names = try InputFile.names(in: path)
        guard names.count <= mostFiles else { throw Unusable("\(path) has \(names.count) files; give a folder of a chain's certificates") }
        // Reports and texts may lie beside the certificates. What is neither, and no certificate, is refused: it may be a damaged one.
        for name in names { bundle.add(try InputFile.read(path + "/" + name), named: name) }
    }

    /// A file that has to be a revocation list.
    static func addRevocationList(_ path: String, to bundle: inout CertificateBundle) throws {
        let before = bundle.revocationLists.count + bundle.faults.count
        try add(path, to: &bundle)
        guard bundle.revocationLists.count + bundle.faults.count > before else { throw Unusable("\(path) holds no revocation list, or one that was given before") }
    }
}
