import Confidential
import Glibc
import Testing

/// Where the monitor connects the streams of a guest.
@Suite struct NamedStreamsTests {
    @Test func addressesAreReadAsTheyAreWritten() {
        for text in ["127.0.0.1:7000", "[::1]:7000", "localhost:1", "unix:/run/socket", "unix:relative"] { #expect(StreamAddress(text)?.description == text) }
        #expect(StreamAddress("/run/socket") == .local(path: "/run/socket"))
        let long = String(repeating: "x", count: 107)
        #expect(StreamAddress("unix:" + long) != nil && StreamAddress("unix:x" + long) == nil)
        for text in ["", "host", "host:", ":7", "host:0", "host:65536", "host:-1", "::1:7000", "[]:7", "unix:", "host:7\0", "host:seven"] {
            #expect(StreamAddress(text) == nil, "\(text)")
        }
    }

    /// A listening TCP socket of this host, and its port.
    private func listener() throws -> (Int32, UInt16) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        (address.sin_family, address.sin_addr.s_addr) = (sa_family_t(AF_INET), UInt32(0x7F00_0001).bigEndian)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        try withUnsafeMutableBytes(of: &address) { bytes in
            let place = try #require(bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self))
            try #require(bind(descriptor, place, size) == 0 && listen(descriptor, 4) == 0 && getsockname(descriptor, place, &size) == 0)
        }
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }

    @Test func namesLeadToTheirAddressesAndNothingElseDoes() throws {
        let (listener, port) = try listener()
        let name = Array("here".utf8), gone = Array("gone".utf8)
        let streams = try NamedStreams([name: .internet(host: "127.0.0.1", port: port), gone: .local(path: "/nowhere/\(port)")])
        let stream = try #require(streams.connect(name))
        let accepted = accept(listener, nil, nil)
        #expect(accepted >= 0 && write(accepted, "x", 1) == 1)
        var byte: UInt8 = 0
        var entry = pollfd(fd: stream, events: Int16(POLLIN), revents: 0)
        #expect(poll(&entry, 1, 10_000) == 1 && read(stream, &byte, 1) == 1 && byte == 0x78)
        #expect(streams.connect(Array("there".utf8)) == nil && streams.failure(of: Array("there".utf8)) == nil)
        #expect(streams.connect(gone) == nil && streams.failure(of: gone) == "No such file or directory" && streams.failure(of: name) == nil)
        for descriptor in [accepted, stream, listener] { close(descriptor) }
        #expect(streams.connect(name) == nil && streams.failure(of: name) == "Connection refused")
    }

    @Test func contentsAreReadFromTheirBeginning() throws {
        let streams = try NamedStreams([:], contents: [[1]: [7, 8, 9]])
        for _ in 0..<2 {
            let file = try #require(streams.connect([1]))
            var bytes = [UInt8](repeating: 0, count: 8)
            #expect(read(file, &bytes, 8) == 3 && bytes.starts(with: [7, 8, 9]))
            close(file)
        }
    }

    @Test func aNameThatNoHostHasIsNoAddress() {
        #expect(throws: SNPError.self) { try NamedStreams([[1]: .internet(host: String(repeating: "a", count: 300), port: 1)]) }
    }
}
