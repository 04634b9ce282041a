import Foundation
import Glibc
@testable import SecureWorld

/// What the tests of TA files share: keys that only these tests use, commands, folders.
enum ImagesSupport {
    static let helloWorld = TEEUUID(bigEndian: [0x8a, 0xaa, 0xf2, 0, 0x24, 0x50, 0x11, 0xe4, 0xab, 0xe2, 0, 2, 0xa5, 0xd5, 0xc5, 0x1b]) ?? .null

    /// RSA keys of 1024 bits, made with `openssl genrsa` for these tests and used for nothing else.
    static let rootPEM = pem(
        """
        MIICdwIBADANBgkqhkiG9w0BAQEFAASCAmEwggJdAgEAAoGBALcPaWITAy9NSGQU
        Q/S4jEpyoLNBr/5HdzliKezcC0T8wmD6lZiqKK0WXayBtsXqmG6voyXLw1mDri0P
        mTN3RtZ8OxlQOhGF9RsNGQ8Zt0QbP0Yb4w3DCysRA9phT4+4n4ezrN+raQpit+mE
        0keE3jhyr5aUACxRJ90s/aZbpx2RAgMBAAECgYBmoyx6AaDyf4lMG5SyfFqkTzrM
        5tKPZnBxaxmIpSNobbNqfnUr4JPn4DdrRls9Ariurqlxwppn8Q3SVAGYupKrMsDV
        bJgDZf7aghkQ19Sv+mCCKWdZyMuWdGwUohP5IgfXp8Vd1PMyVdfYtOheIeLcsBYD
        co2NimyWVRbYuD1q1QJBANlu8GuuOCMyM9VITk68BmdjsnYn+Ycm7NZp4mRgMSAU
        M4TFqx3dFsBoGpx/EfY6NbCZunFGpUR6MYKGInAPT9MCQQDXh641g1CRrpAuMnNp
        cM1qgaaZGmY6DoJ9qVLNCHvdKzG9y3kB/7D+uhP48pdrgacfVwLOHkaVqxgxK9lJ
        GGKLAkASAwutj+gcmksK7wt1oEPTisG84gDcvk++T1UuxX0sUCAYbpuHRMpetAEI
        V8pwIFBUSdfVDGoiaxDw5BW0PMB7AkEArmD4chNsfHHf9YCcIBNEH4gGYpkZXJ+g
        tErq0zip/qeT9xtJLHTTn0SuJB0ipbignpqnily0fyOOzznK83jnQQJBAKBryEu5
        3uaJiS7NH7Pf+o0GTka4C3Y15dOrkwhCYJcjILGvplbhu+0qS8to2eeBL8Q+jwQg
        zZ07hfaEOCWYerE=
        """)
    static let firstPEM = pem(
        """
        MIICeQIBADANBgkqhkiG9w0BAQEFAASCAmMwggJfAgEAAoGBAMpiw2O5B2Ar7GWp
        C5xH0kBztpT3Gr9aO6VAZw0o8ca/5G2c9xczosBXVCe/rAfxscpgp4LHPFLJrF2Y
        LPWvLnHqeQzotaIcWhldWFHGxsl7vN/3vj8minKoizSnU2oMQ6pxzpuKG1fPCkq1
        qskDrLwgE4r7WpF+EL3y3HLkAPm9AgMBAAECgYEAupo5YVcWr9uPyWQF6oBmITsP
        m2YC6W+/EuzAl2erFP+VFGPnhyL66rEaTNPzQBffP6PCj1g4DHUaUemfep+dB5KH
        0kdHYalCUQVMcywuX7Mw5bu7dq+sWBm7tZKpat2ixRCTGFIFfncyvFKakcnJjAwA
        AAFYTQqxNpk8VK+inZkCQQD2Qpb7G4nnrmvJXOiHvp7g++mehzg5nWxWJSvTpXtl
        PbLOdEroIOXTZRZArum9BYYtlxfd/JiTOLeY3nKgEfaLAkEA0mPw9DZjARPawjbF
        rWnyhbzdp64QnS4ziM49kiBy/Y+2dxjDQMqyZKPKu0PbzOwBUFOKiY9LBKkYS7pX
        08kh1wJBAIEWcvJ6gxWxdsr9Kt9NaxdgthvlofGBtfKKVakCS+bMKtjSWRnJdPAV
        Q07w4ZG2PZnUZCx3Zrt1tbgqk0eZYvUCQQCT944jc4y12UzlgrgMepMC1A3gPF+a
        7D96W/KZrxCwnD5sDJJmIyjL9xZCFjukJ+fUoqywioLsSDC6MdhLLw4JAkEAqJ0c
        OPbKsnBRKrEnzUcQRODlVxhpUGx0HJ8TOf48IWyl3t8+vx0gqKa0ZUQt3EtvEENI
        YxLdha/s3kD+gvC/Ag==
        """)
    static let secondPEM = pem(
        """
        MIICdwIBADANBgkqhkiG9w0BAQEFAASCAmEwggJdAgEAAoGBAOl76BeI6BdgCoYS
        LHJpSA928F5lJpeX+2LQaeyBL9yQCsP/21u8khZQL4XX09ClH/n8nOb3A84nIL9C
        YV4ep7qksqZPcWzFaoqPF9q8a8zLDOCNtgkPp0QnEYO7mckXMpA/7eiUimbdXfwH
        2l27LDbCSSURclwTaBtYmkILexMTAgMBAAECgYEA3x3j/VF8EJJbnCETzkVjcjvD
        mUDp7yVyOcxV3IbbWNdhIkmGspRxudbogutrY0/YTcijm2bjgQYNGhfx+cIrnrHr
        Bkp7pcqTjzMEi5vMwXl8CoixvgacMZa9KdqXZ65zoSrJwEyUC7rWBO/lNl8DSAhk
        nl45n2cSdShbcitFeXkCQQD2l649IkgYDHd06V4SCFqUkX6JLl+NSosoeud+UVK/
        CG+RRI9V0B5HlM91UWno93R53INW7fnH29g22f5mHCT/AkEA8mQ0C0loOKqeGySr
        fA+mwUs5xoKjtyyfNrN7vTf4rlxJBJbZ+CCw9wAZ9AvZ/4xXdvGX2F2RmWHbBetn
        UxQt7QJAFd1fKraGc/NvCCPFHo41EeVQtfMxr8KDUkSLkCy/zIZ/9f6BQxegB7LP
        LlTYsjp2znNaBfQ16J26rypnH0CxmwJBAMY4P39DZqGAlY8o67umqP3FYNf/mZaA
        PStkl7pjfVBJU8UW/+U0BsPXJ2I2Fu4ufJBefYiI7Dp8lbo/id2c0PkCQC14NcOK
        yiXmgPUzBWKOVdKfgZxa+aj0pdw6G5it9DvooKypgKHd6bj+3M9Hg2Hq171eg5je
        3bPcL3GqxAxPgus=
        """)

    private static func pem(_ body: String) -> [UInt8] {
        let kind = "PRIVATE KEY"
        return Array("-----BEGIN \(kind)-----\n\(body)\n-----END \(kind)-----\n".utf8)
    }

    static func root() throws -> TASigningKey { try TASigningKey(pem: rootPEM) }
    static func first() throws -> TASigningKey { try TASigningKey(pem: firstPEM) }
    static func second() throws -> TASigningKey { try TASigningKey(pem: secondPEM) }

    static func hex(_ bytes: some Sequence<UInt8>) -> String { bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined() }

    static func sha256(_ bytes: [UInt8]) throws -> String { hex(try ImageCrypto.sha256([bytes[...]])) }

    /// The error that a body throws, which it must.
    static func failure(_ body: () throws(TAFileError) -> Void) -> TAFileError? {
        do throws(TAFileError) { try body() } catch { return error }
        return nil
    }

    /// Runs a command that is ended after a minute; its output.
    @discardableResult
    static func run(_ arguments: [String], in folder: String) throws -> String {
        let ended = try StartedProcess.run(["env", "-C", folder] + arguments, seconds: 60)
        guard ended.status == 0 else { throw Failed(description: "\(arguments.joined(separator: " ")): \(ended.output)") }
        return ended.output
    }

    struct Failed: Error, CustomStringConvertible { let description: String }
}

/// A folder that goes when the test ends.
final class ImagesFolder: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "skerry-images-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ name: String, _ bytes: [UInt8]) throws { try Data(bytes).write(to: URL(fileURLWithPath: path + "/" + name)) }
    func write(_ name: String, _ text: String) throws { try write(name, Array(text.utf8)) }
    func read(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: path + "/" + name))) }
}

/// Random numbers that are the same in every run.
struct ImagesRandom: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    // SplitMix64 (Steele, Lea, Flood 2014).
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
        return value ^ value >> 31
    }
}
