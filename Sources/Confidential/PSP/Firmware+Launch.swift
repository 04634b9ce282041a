extension Firmware {
    /// SNP_LAUNCH_START.
    ///
    /// - Throws: POLICY_FAILURE for a policy that is malformed, or that this platform does not fulfil; INVALID_GUEST_STATE the second time.
    mutating func launchStart(_ asid: UInt32, policy: GuestPolicy, visibleWorkarounds: [UInt8]) throws(FirmwareError) {
        var guest = try guest(asid)
        guard guest.state == .initial else { throw .invalidGuestState }
        guard visibleWorkarounds.count == 16 else { throw .invalidParameter }
        guard policy.fault == nil, isFulfilled(policy) else { throw .policyFailure }
        guest.policy = policy
        guest.visibleWorkarounds = visibleWorkarounds
        guest.messageKeys = (0..<4).map { _ in RandomBytes.make(32) }
        guest.reportID = RandomBytes.make(32)
        guest.machineRootKey = RandomBytes.make(48)
        guest.state = .launching
        guests[asid] = guest
    }

    private func isFulfilled(_ policy: GuestPolicy) -> Bool {
        let information = platform.information
        guard (policy.abiVersion.major, policy.abiVersion.minor) <= (platform.abi.major, platform.abi.minor) else { return false }
        if information.contains(.multithreading) && !policy.contains(.multithreading) { return false }
        if policy.contains(.raplDisabled) && !information.contains(.raplDisabled) { return false }
        if policy.contains(.ciphertextHiding) && !information.contains(.ciphertextHiding) { return false }
        return true
    }

    /// SNP_LAUNCH_UPDATE of one page.
    ///
    /// - Parameters:
    ///   - page: Its number in the machine's memory; the reverse map knows whose it is and where the guest sees it.
    ///   - contents: What the page holds; afterwards what the guest finds: the firmware's own for secrets, corrected CPUID leaves when they are refused.
    /// - Throws: INVALID_GUEST_STATE outside a launch, INVALID_PAGE_STATE for a page that the host did not hand over, INVALID_PARAM for CPUID leaves.
    mutating func launchUpdate(_ asid: UInt32, _ type: LaunchPageType, page: UInt64, contents: inout [UInt8]) throws(FirmwareError) {
        var guest = try guest(asid)
        guard guest.state == .launching else { throw .invalidGuestState }
        guard contents.count == PageSize.bytes else { throw .invalidLength }
        let entry = reverseMap[page]
        guard entry.isAssigned, entry.isImmutable, !entry.isValidated, entry.asid == asid else { throw .invalidPageState }
        switch type {
        case .zero: contents = [UInt8](repeating: 0, count: PageSize.bytes)
        case .secrets: contents = secrets(of: guest)
        case .cpuid:
            let corrected = try platform.cpuid.corrected(contents)
            guard corrected == contents else {
                contents = corrected
                throw .invalidParameter
            }
        case .normal, .unmeasured, .vmsa: break
        }
        guest.digest.extend(type, address: entry.address, contents: contents)
        guests[asid] = guest
        reverseMap.set(page) { entry in
            entry.isValidated = true
            entry.isImmutable = false
            entry.isVMSA = type == .vmsa
            entry.permissions = [0xF, 0, 0, 0]
        }
    }

    /// The secrets page (AMD 56860, "Secrets page"; `struct snp_secrets_page` of Linux).
    private func secrets(of guest: GuestContext) -> [UInt8] {
        var page = [UInt8](repeating: 0, count: PageSize.bytes)
        page.store(UInt32(4), at: 0)
        page.store(platform.product.cpuidSignature, at: 8)
        page.store(guest.visibleWorkarounds, at: 0x10)
        for (index, key) in guest.messageKeys.enumerated() { page.store(key, at: 0x20 + index * 32) }
        page.store(platform.time.factor, at: 0x160)
        return page
    }

    /// SNP_LAUNCH_FINISH.
    ///
    /// - Throws: BAD_MEASUREMENT when the ID block names another digest, POLICY_FAILURE when it names another policy, BAD_SIGNATURE for its keys and
    ///   signatures, INVALID_PARAM for what is malformed, INVALID_KEY when no key may sign reports.
    mutating func launchFinish(_ asid: UInt32, _ finish: LaunchFinish) throws(FirmwareError) {
        var guest = try guest(asid)
        guard guest.state == .launching else { throw .invalidGuestState }
        guard finish.hostData.count == 32 else { throw .invalidParameter }
        if let identity = finish.identity {
            guard let block = IDBlock(bytes: identity.block) else { throw .invalidParameter }
            guard block.digest == guest.digest else { throw .badMeasurement }
            guard block.policy == guest.policy else { throw .policyFailure }
            try identity.authentication.verify(identity.block, withAuthorKey: identity.usesAuthorKey)
            (guest.familyID, guest.imageID, guest.guestSVN) = (block.familyID, block.imageID, block.guestSVN)
            guest.idKeyDigest = identity.authentication.idKeyDigest
            guest.usesAuthorKey = identity.usesAuthorKey
            if identity.usesAuthorKey { guest.authorKeyDigest = identity.authentication.authorKeyDigest }
        }
        guest.hostData = finish.hostData
        guest.isChipKeyDisabled = finish.isChipKeyDisabled
        guest.state = .running
        guests[asid] = guest
    }
}
