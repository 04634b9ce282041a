/// What an instrumented image has counted, as a raw profile that `llvm-profdata merge` reads: version 10, which LLVM 19 and later write (LLVM's InstrProfData.inc:
/// INSTR_PROF_RAW_HEADER, INSTR_PROF_DATA; "Instrumentation Profile Format" of LLVM's documentation).
///
/// It is taken from the application's memory when its instance ends, so the application itself needs no run time for it, and one that panicked has a profile, too.
enum RawProfile {
    static let magic: UInt64 = 0xff6c_7072_6f66_7281
    static let version: UInt64 = 10
    /// `struct __llvm_profile_data` of this version.
    static let recordSize = 64
    /// IPVK_Last: kinds of value profiles that the version knows, none of which is written.
    private static let lastValueKind: UInt64 = 2

    /// Why there is no profile.
    struct Failure: Error {
        let reason: String
    }

    /// Nil for an image that is not instrumented.
    static func of(_ loaded: TALoadedImage, in memory: TAMemory) throws(Failure) -> [UInt8]? {
        guard let sections = ProfiledSections(loaded.image.file) else { return nil }
        let (data, counters): ([UInt8], [UInt8])
        let (bitmaps, names): ([UInt8], [UInt8])
        do throws(TEEResult) {
            (data, counters) = (try bytes(sections.data, loaded, memory), try bytes(sections.counters, loaded, memory))
            (bitmaps, names) = (try bytes(sections.bitmaps, loaded, memory), try bytes(sections.names, loaded, memory))
        } catch { throw Failure(reason: "the sections of its profile cannot be read: \(error)") }
        guard isOfThisVersion(data, sections) else {
            throw Failure(reason: "its records are not those of raw profiles of version \(version); compile it with clang 19 or later")
        }
        // Counters and bitmaps are found by their distance from the records.
        let header: [UInt64] = [
            magic, version, 0, UInt64(data.count / recordSize), 0, UInt64(counters.count / 8), 0, UInt64(bitmaps.count), UInt64(-bitmaps.count & 7), UInt64(names.count),
            sections.counters.lowerBound &- sections.data.lowerBound, bitmaps.isEmpty ? 0 : sections.bitmaps.lowerBound &- sections.data.lowerBound,
            sections.names.lowerBound, 0, 0, lastValueKind,
        ]
        var profile: [UInt8] = []
        for word in header { profile.append(littleEndian: word) }
        return profile + data + counters + padded(bitmaps) + padded(names)
    }

    private static func bytes(_ section: Range<UInt64>, _ loaded: TALoadedImage, _ memory: TAMemory) throws(TEEResult) -> [UInt8] {
        try memory.read(loaded.base &+ section.lowerBound, section.upperBound &- section.lowerBound)
    }

    private static func padded(_ bytes: [UInt8]) -> [UInt8] { bytes + [UInt8](repeating: 0, count: -bytes.count & 7) }

    /// Whether each record's counters are among the counters: the records of other versions have other sizes.
    private static func isOfThisVersion(_ data: [UInt8], _ sections: ProfiledSections) -> Bool {
        guard data.count % recordSize == 0, (sections.counters.upperBound &- sections.counters.lowerBound) % 8 == 0 else { return false }
        let reader = ImageReader(bytes: data)
        for start in stride(from: 0, to: data.count, by: recordSize) {
            guard let distance = reader.u64(start + 16), let count = reader.u32(start + 48) else { return false }
            let address = sections.data.lowerBound &+ UInt64(start) &+ distance
            let (end, overflow) = address.addingReportingOverflow(UInt64(count) &* 8)
            guard !overflow, address >= sections.counters.lowerBound, end <= sections.counters.upperBound else { return false }
        }
        return true
    }
}

extension TAInstance {
    /// Gives the log the profiles of all instrumented images, while the memory is there.
    func giveProfiles() {
        guard world.log.wantsProfiles else { return }
        for loaded in linkMap.images {
            do throws(RawProfile.Failure) {
                if let profile = try RawProfile.of(loaded, in: memory) { world.log.profiled(application: loaded.uuid, profile) }
            } catch { world.log.unprofiled(application: loaded.uuid, error.reason) }
        }
    }
}
