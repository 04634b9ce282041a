internal import CLinux
internal import Glibc

extension GuestMachine {
    /// KVM_EXIT_SNP_REQ_CERTS: the table goes into the shared side of the guest's pages, or the answer says how many pages it needs.
    func answerCertificates(_ run: any HostMemory) throws(SNPError) {
        let address = run.load(UInt64.self, at: skerry_run_snp_req_certs_gpa_at)
        let pages = run.load(UInt64.self, at: skerry_run_snp_req_certs_npages_at)
        var answer = UInt64(EIO)
        switch certificates?.currentCertificates() {
        case .busy: answer = UInt64(EAGAIN)
        case .failed, nil: break
        case .table(let table):
            let bytes = table.bytes
            let needed = UInt64((bytes.count + PageSize.bytes - 1) / PageSize.bytes)
            if pages < needed {
                run.store(needed, at: skerry_run_snp_req_certs_npages_at)
                answer = UInt64(ENOSPC)
            } else {
                let (end, wraps) = address.addingReportingOverflow(needed * PageSize.small)
                if !wraps, let slot = memory.slot(containing: address..<end) {
                    let padding = [UInt8](repeating: 0, count: Int(needed) * PageSize.bytes - bytes.count)
                    slot.sharedSide.write(bytes + padding, at: Int(address - slot.region.address))
                    answer = 0
                }
            }
        }
        run.store(answer, at: skerry_run_snp_req_certs_ret_at)
    }
}
