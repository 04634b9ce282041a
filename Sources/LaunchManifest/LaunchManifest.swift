public import Confidential
public import Foundation

/// A launch plan as a JSON file: what `skerry snp` reads. The article "The manifest of a launch plan" of the module Confidential describes it.
public struct LaunchManifest: Sendable {
    /// The most bytes of a manifest, and of a file that it names.
    static let largestFile = 1 << 30

    /// The plan.
    public let plan: LaunchPlan

    /// From a file; the files it names are looked for beside it.
    ///
    /// - Throws: `ManifestError` with the place of the mistake, or `SNPError` for what no launch has.
    public init(file: URL) throws { try self.init(json: Self.read(file), folder: file.deletingLastPathComponent()) }

    /// From JSON.
    ///
    /// - Parameter folder: Where the files are that it names.
    /// - Throws: as the other.
    public init(json: Data, folder: URL) throws {
        let value: JSONValue
        do { value = try JSONDecoder().decode(JSONValue.self, from: json) } catch {
            throw ManifestError("the manifest is no JSON with whole numbers that are not negative")
        }
        var manifest = try ManifestObject(value, "the manifest")
        var plan = LaunchPlan()
        for (index, item) in (try manifest.list("memory") ?? []).enumerated() {
            var region = try ManifestObject(item, "memory[\(index)]")
            guard let address = try region.number("address"), let size = try region.number("size") else { throw ManifestError("memory[\(index)] needs address and size") }
            try region.finish()
            plan.memory.append(GuestRegion(address: address, size: size))
        }
        guard let pages = try manifest.list("pages") else { throw ManifestError("the manifest needs pages, a list") }
        for (index, item) in pages.enumerated() { try Self.add(ManifestObject(item, "pages[\(index)]"), to: &plan, folder) }
        if let policy = try manifest.number("policy") { plan.policy = GuestPolicy(rawValue: policy) }
        if let features = try manifest.number("features") { plan.features = VMSAFeatures(rawValue: features) }
        if let data = try manifest.bytes("host_data", count: 32) { plan.hostData = data }
        if let workarounds = try manifest.bytes("visible_workarounds", count: 16) { plan.visibleWorkarounds = workarounds }
        try Self.addIdentity(&manifest, to: &plan, folder)
        try manifest.finish()
        self.plan = plan
    }

    private static func add(_ entry: ManifestObject, to plan: inout LaunchPlan, _ folder: URL) throws {
        var entry = entry
        let name = try entry.text("type") ?? ""
        if name == "vmsa" {
            plan.processors.append(try processor(&entry, folder))
            return
        }
        guard plan.processors.isEmpty else { throw ManifestError("\(entry.place) comes after a vmsa; KVM launches the registers of all processors last") }
        let types: [String: LaunchPageType] = ["normal": .normal, "zero": .zero, "unmeasured": .unmeasured, "secrets": .secrets, "cpuid": .cpuid]
        guard let type = types[name] else { throw ManifestError("type of \(entry.place) has to be normal, zero, unmeasured, secrets, cpuid or vmsa") }
        guard let address = try entry.number("gpa") else { throw ManifestError("\(entry.place) needs gpa, its guest-physical address") }
        let contents = try contents(&entry, folder)
        let length = try entry.number("len")
        try entry.finish()
        guard contents == nil || length == nil else { throw ManifestError("\(entry.place) has contents as well as len; the contents say how many pages there are") }
        if let contents {
            plan.runs.append(try LaunchRun(type, at: address, contents: contents))
            return
        }
        guard type != .normal else { throw ManifestError("\(entry.place) needs its contents: hex or file") }
        guard (length ?? 4096) % 4096 == 0 else { throw ManifestError("len of \(entry.place) has to be a multiple of 4096") }
        plan.runs.append(try LaunchRun(type, at: address, pageCount: (length ?? 4096) / 4096))
    }

    private static func contents(_ entry: inout ManifestObject, _ folder: URL) throws -> [UInt8]? {
        let bytes = try entry.bytes("hex")
        guard let file = try entry.text("file") else { return bytes }
        guard bytes == nil else { throw ManifestError("\(entry.place) has both hex and file; one of them is enough") }
        return try [UInt8](read(place(file, folder)))
    }

    private static func processor(_ entry: inout ManifestObject, _ folder: URL) throws -> LaunchProcessor {
        _ = entry.take("gpa")
        _ = entry.take("len")
        if let page = try contents(&entry, folder) {
            try entry.finish()
            guard page.count == 4096 else { throw ManifestError("\(entry.place) has \(page.count) bytes; a page of registers has 4096") }
            return .page(page)
        }
        let profile = try VMSAProfile(&entry)
        try entry.finish()
        return .registers(profile)
    }

    private static func addIdentity(_ manifest: inout ManifestObject, to plan: inout LaunchPlan, _ folder: URL) throws {
        switch (try manifest.text("id_block"), try manifest.text("id_auth")) {
        case (nil, nil): break
        case (let block?, let authentication?):
            let page = [UInt8](try read(place(authentication, folder)))
            guard let authentication = IDAuthentication(bytes: page) else { throw ManifestError("the file of id_auth has \(page.count) bytes; it needs 4096") }
            plan.identity = try LaunchIdentity(block: [UInt8](read(place(block, folder))), authentication: authentication)
        default: throw ManifestError("id_block and id_auth belong together; make both with skerry snp id-block")
        }
    }

    /// A file that the manifest names, beside the manifest unless its path is absolute.
    private static func place(_ path: String, _ folder: URL) -> URL { path.hasPrefix("/") ? URL(filePath: path) : folder.appending(path: path) }

    private static func read(_ file: URL) throws -> Data {
        let size = (try? FileManager.default.attributesOfItem(atPath: file.path)[.size] as? Int) ?? 0
        guard size <= largestFile else { throw ManifestError("\(file.path) has \(size) bytes; the limit is \(largestFile)") }
        do { return try Data(contentsOf: file) } catch { throw ManifestError("\(file.path) cannot be read: \(error.localizedDescription)") }
    }
}
