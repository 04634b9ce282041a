import Foundation
import Testing

@testable import SecureWorld

@Suite("Identities of clients")
struct ServingIdentityTests {
    /// Python's uuid module is the judge.
    private static func expected(_ name: String) throws -> String {
        let program = "import uuid, sys; print(uuid.uuid5(uuid.UUID('58ac9ca0-2086-4683-a1b8-ec4bc08e01b6'), sys.argv[1]))"
        return try ServingClients.launch(["python3", "-c", program, name], environment: [:]).lines.first ?? ""
    }

    @Test("users and groups have Linux's UUIDs", arguments: [0, 10, 1000, 65534, .max] as [UInt32])
    func numbers(_ number: UInt32) throws {
        let hexadecimal = String(format: "%x", number)
        let client = ClientCredentials(user: number, group: 5, groups: [7, number])
        #expect(try ClientIdentity.make(login: 1, client: client).uuid.description == (try Self.expected("uid=" + hexadecimal)))
        #expect(try ClientIdentity.make(login: 2, group: number, client: client).uuid.description == (try Self.expected("gid=" + hexadecimal)))
        #expect(try ClientIdentity.make(login: 2, group: 5, client: client).uuid.description == (try Self.expected("gid=5")))
    }

    @Test("the RFC's own example of a name has its UUID")
    func knownAnswer() throws {
        // Python's documentation: uuid5(NAMESPACE_DNS, 'python.org').
        let dns = try #require(TEEUUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8"))
        #expect(try ClientIdentity.uuid5(dns, "python.org").description == "886313e1-3b8a-5372-9b90-0c9aee199e5d")
    }

    @Test("the public is nobody; what cannot be vouched for is refused")
    func refusals() throws {
        let client = ClientCredentials(user: 1, group: 2, groups: [3])
        #expect(try ClientIdentity.make(login: 0, client: client) == TEEClientIdentity(login: 0, uuid: .null))
        #expect(throws: TEEResult.accessDenied) { try ClientIdentity.make(login: 2, group: 1, client: client) }
        for login in [4, 5, 6] as [UInt32] { #expect(throws: TEEResult.notSupported) { try ClientIdentity.make(login: login, client: client) } }
        for login in [0x8000_0000, 0xbfff_ffff] as [UInt32] { #expect(throws: TEEResult.accessDenied) { try ClientIdentity.make(login: login, client: client) } }
        for login in [3, 7, 0xc000_0000, 0xf000_0000, .max] as [UInt32] {
            #expect(throws: TEEResult.badParameters) { try ClientIdentity.make(login: login, client: client) }
        }
    }

    @Test("a client on the socket is who the kernel says it is")
    func overTheSocket() throws {
        let fixture = try ServingFixture()
        let user = String(geteuid(), radix: 16)
        #expect(try ServingClients.run("identity", "0", socket: fixture.path).lines == ["open 00000000 from 4", "login 0 " + TEEUUID.null.description])
        #expect(try ServingClients.run("identity", "1", socket: fixture.path).lines == ["open 00000000 from 4", "login 1 " + (try Self.expected("uid=" + user))])
        let group = try ServingClients.run("identity", "2", String(getegid()), socket: fixture.path)
        #expect(group.lines == ["open 00000000 from 4", "login 2 " + (try Self.expected("gid=" + String(getegid(), radix: 16)))])
        #expect(try ServingClients.run("identity", "2", "54321", socket: fixture.path).lines == ["open ffff0001 from 2"])
        #expect(try ServingClients.run("identity", "4", socket: fixture.path).lines == ["open ffff000a from 2"])
        #expect(try ServingClients.run("identity", "99", socket: fixture.path).lines == ["open ffff0006 from 2"])
    }
}
