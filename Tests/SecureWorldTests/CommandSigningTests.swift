import Foundation
import Testing

@testable import SecureWorld

/// `skerry tee sign`, `encrypt`, `subkey` and `verify`: their files are checked by Tests/TrustedApplications/check_signed_file.py, which uses openssl(1) and none of our code.
@Suite(.enabled(if: TrustedApplications.canRun)) struct CommandSigningTests {
    private let device: CommandDevice
    private let uuid = TrustedApplications.uuid("hello_world")

    init() throws { device = try CommandDevice() }

    /// The script's lines about a file that the device's own key vouches for.
    private func check(_ file: String, key: String? = nil) throws -> [String] {
        try device.folder.write("root.pem", try device.run(["openssl", "rsa", "-in", "device/ta_signing_key.pem", "-pubout"]).output)
        let script = CommandDevice.sources("check_signed_file.py")
        let outcome = try device.run(["python3", script, file, "root.pem"] + [key].compactMap { $0 })
        try #require(outcome.status == 0, "\(outcome.errors)")
        return outcome.lines
    }

    private func digest(_ file: String) throws -> String { String(try device.printed(["sha256sum", file]).prefix(64)) }

    /// Runs a signed application by nothing but its signature: HELLO_WORLD_ADD_ONE.
    private func runs(_ file: String, _ words: [String] = []) throws -> CommandDevice.Outcome {
        try device.run([CommandDevice.program, "tee", "call", "--device", "device"] + words + [file, "0", "value-inout=41"])
    }

    @Test(arguments: ["pss", "pkcs1"]) func aSignedFileHasItsVersionAndIsTrustedHere(_ algorithm: String) throws {
        let signed = try device.tee("sign", "--version", "7", "--algorithm", algorithm, "-o", "signed.ta", device.file("hello_world"))
        try #require(signed.status == 0, "\(signed.errors)")
        #expect(try check("signed.ta") == ["application \(uuid) version 7", digest(device.file("hello_world"))])
        #expect(try runs("signed.ta").output.contains("parameter 0: 42, 0"))
        let verified = try device.tee("verify", "signed.ta")
        #expect(verified.status == 0)
        #expect(verified.lines.contains("  ta_version: 7"))
        #expect(verified.lines.contains("Newest version of the TA \(uuid) loaded here: 7; in this file: 7"))
    }

    @Test func anOlderVersionIsRefusedOnceANewerOneWasLoaded() throws {
        for version in ["3", "2"] { #expect(try device.tee("sign", "--version", version, "-o", "version\(version).ta", device.file("hello_world")).status == 0) }
        #expect(try device.tee("verify", "version2.ta").status == 0)
        #expect(try runs("version3.ta").status == 0)
        let verified = try device.tee("verify", "version2.ta")
        #expect(verified.status == 1)
        #expect(verified.lines.contains("Newest version of the TA \(uuid) loaded here: 3; in this file: 2"))
        #expect(verified.lines.last?.contains("TEE_ERROR_ACCESS_CONFLICT") == true)
        let refused = try runs("version2.ta")
        #expect(refused.status == 1)
        #expect(refused.output.hasPrefix("open: TEE_ERROR_ACCESS_CONFLICT from the TEE"))
    }

    @Test(arguments: [0, 30, 300, 5000]) func aChangedByteIsFound(_ place: Int) throws {
        #expect(try device.tee("sign", "-o", "signed.ta", device.file("hello_world")).status == 0)
        var bytes = try device.folder.read("signed.ta")
        bytes[place] ^= 1
        try device.folder.write("changed.ta", bytes)
        #expect(try device.tee("verify", "changed.ta").status == 1)
        #expect(try device.tee("verify", "signed.ta").status == 0)
    }

    /// The key of the device: HMAC-SHA256 under its device key of the usage 4 and the modulus of the signing key (OP-TEE's tee_otp_get_ta_enc_key), by Python.
    @Test func encryptionForADeviceIsUnderAKeyOfThatDevice() throws {
        let encrypted = try device.tee("encrypt", "--version", "5", "-o", "encrypted.ta", device.file("hello_world"))
        try #require(encrypted.status == 0, "\(encrypted.errors)")
        let modulus = try device.printed(["openssl", "rsa", "-in", "device/ta_signing_key.pem", "-noout", "-modulus"]).dropFirst("Modulus=".count)
        let key = try device.printed(
            [
                "python3", "-c",
                "import hmac; print(hmac.new(open('device/device_key', 'rb').read(), bytes([4, 0, 0, 0]) + bytes.fromhex('\(modulus)'), 'sha256').hexdigest())",
            ])
        #expect(try check("encrypted.ta", key: key) == ["application \(uuid) version 5 device-specific", digest(device.file("hello_world"))])
        #expect(try runs("encrypted.ta").output.contains("parameter 0: 42, 0"))
        let other = try device.run([CommandDevice.program, "tee", "verify", "--device", "other", "--key", "root.pem", "encrypted.ta"])
        #expect(other.status == 1)
        #expect(other.output.contains("cannot be decrypted with the key of this device"))
    }

    @Test func encryptionForAClassIsUnderTheGivenKey() throws {
        let key = String(repeating: "0123456789abcdef", count: 4)
        try device.folder.write("class.key", key + "\n")
        try device.folder.write("wrong.key", [UInt8](repeating: 9, count: 32))
        #expect(try device.tee("sign", "--version", "9", "-o", "signed.ta", device.file("hello_world")).status == 0)
        // A signed file keeps its version.
        let encrypted = try device.tee("encrypt", "--class-key", "class.key", "-o", "encrypted.ta", "signed.ta")
        try #require(encrypted.status == 0, "\(encrypted.errors)")
        #expect(try check("encrypted.ta", key: key) == ["application \(uuid) version 9 class-wide", digest(device.file("hello_world"))])
        #expect(try runs("encrypted.ta", ["--class-key", "class.key"]).status == 0)
        #expect(try runs("encrypted.ta").output.hasPrefix("open: TEE_ERROR_SECURITY"))
        #expect(try runs("encrypted.ta", ["--class-key", "wrong.key"]).output.hasPrefix("open: TEE_ERROR_SECURITY"))
        #expect(try device.tee("verify", "--class-key", "class.key", "encrypted.ta").output.contains("(SHDR_ENC_KEY_CLASS_WIDE)"))
        try device.folder.write("short.key", "0123")
        #expect(try device.tee("verify", "--class-key", "short.key", "encrypted.ta").status == 125)
    }

    /// A vendor's key below the device's, a product's below that, and the application's UUID from its name.
    @Test func aChainOfSubkeysSignsTheUUIDOfAName() throws {
        for name in ["vendor", "product"] { #expect(try device.run(["openssl", "genrsa", "-out", "\(name).pem", "2048"]).status == 0) }
        let space = "f04fa996-148a-453c-b037-1dcfbad120a6"
        let vendor = try device.tee("subkey", "vendor.pem", "--uuid", space, "--version", "1", "--max-depth", "4", "-o", "vendor.bin")
        try #require(vendor.status == 0, "\(vendor.errors)")
        let product = try device.tee(
            "subkey", "product.pem", "--subkey", "vendor.bin", "--private-key", "vendor.pem", "--name", "mid_level_subkey", "--version", "2", "-o", "product.bin")
        try #require(product.status == 0, "\(product.errors)")
        // The UUID is that of OP-TEE's documentation of sub-keys.
        #expect(try device.printed([CommandDevice.program, "tee", "subkey-uuid", "vendor.bin", "mid_level_subkey"]) == "1a5948c5-1aa0-518c-86f4-be6f6a057b16")
        let own = try device.printed([CommandDevice.program, "tee", "subkey-uuid", "product.bin", "hello"])
        try buildHelloWorld(as: try #require(TEEUUID(own)))
        let signing = ["--subkey", "product.bin", "--private-key", "product.pem", "--name", "hello", "--version", "6"]
        let signed = try device.run([CommandDevice.program, "tee", "sign", "--device", "device"] + signing + ["-o", "\(own).ta", "hello.elf"])
        try #require(signed.status == 0, "\(signed.errors)")
        #expect(
            try check("\(own).ta") == [
                "subkey \(space) version 1 depth 4", "subkey 1a5948c5-1aa0-518c-86f4-be6f6a057b16 version 2 depth 3", "application \(own) version 6", digest("hello.elf"),
            ])
        #expect(try runs("\(own).ta").output.contains("parameter 0: 42, 0"))
        let verified = try device.tee("verify", "\(own).ta")
        #expect(verified.status == 0)
        for line in ["  subkey_version: 1", "  subkey_version: 2", "  ta_version: 6", "Newest version of the sub-key \(space) loaded here: 1; in this file: 1"] {
            #expect(verified.lines.contains(line), "\(verified.output)")
        }
        // Another name is another UUID, and no key but the sub-key's own signs by its authority.
        let misnamed = ["--subkey", "product.bin", "--private-key", "product.pem", "--name", "other"]
        #expect(try device.run([CommandDevice.program, "tee", "sign", "--device", "device"] + misnamed + ["hello.elf"]).errors.contains("use that UUID or another name"))
        let foreign = ["--subkey", "product.bin", "--private-key", "vendor.pem", "--name", "hello"]
        #expect(try device.run([CommandDevice.program, "tee", "sign", "--device", "device"] + foreign + ["hello.elf"]).status == 125)
    }

    private func buildHelloWorld(as uuid: TEEUUID) throws {
        let octets = uuid.octets.map { "0x" + String($0, radix: 16) }
        func field(_ range: Range<Int>) -> String { "0x" + ImagesSupport.hex(uuid.octets[range]) }
        let structure = "{ \(field(0..<4)), \(field(4..<6)), \(field(6..<8)), { \(octets[8...].joined(separator: ", ")) } }"
        for name in ["hello_world.c", "hello_world.h", "user_ta_header_defines.h"] {
            let text = try String(contentsOfFile: CommandDevice.sources("hello_world/" + name), encoding: .utf8)
            try device.folder.write(name, text.replacing(/\{ 0x5ec0e001.*\}/, with: structure))
        }
        let cache = try #require(TrustedApplications.folder) + "/runtime"
        let built = try device.run(["env", "SKERRY_TA_CACHE=" + cache, CommandDevice.compiler, "-o", "hello.elf", "hello_world.c"])
        try #require(built.status == 0, "\(built.errors)")
    }

    @Test func whatDoesNotGoTogetherIsSaid() throws {
        #expect(try device.tee("sign", "--subkey", "x.bin", device.file("hello_world")).errors.contains("--subkey goes with --private-key"))
        #expect(try device.tee("sign", "--name", "x", device.file("hello_world")).errors.contains("--name goes with --subkey"))
        #expect(try device.tee("sign", "--algorithm", "md5", device.file("hello_world")).errors.contains("pss or pkcs1 is expected"))
        #expect(try device.tee("sign", CommandDevice.sources("hello_world/hello_world.c")).errors.contains("is no ELF file"))
        #expect(try device.tee("subkey", "x.pem", "-o", "x.bin").errors.contains("--uuid says the name space"))
    }
}
