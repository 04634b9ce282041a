/// An attestation report as the SEV-SNP firmware signs it (SEV Secure Nested Paging Firmware ABI Specification, AMD document 56860, table "ATTESTATION_REPORT Structure").
public struct AttestationReport: Sendable {
}
