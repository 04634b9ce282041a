// swift-tools-version: 6.1
import PackageDescription

let swiftSettings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

// The archives are linked instead of shared libraries, each of which costs time at every start; packed relocations likewise.
let executableFlags = [
    "-L\(Context.packageDirectory)/.build/archives", "-Xclang-linker", "-static-libgcc", "-use-ld=lld", "-Xlinker", "-z", "-Xlinker", "pack-relative-relocs",
]
// What starts programs is linked with nothing shared at all: a millisecond less a start. scripts/skerry asks for it, together with --static-swift-stdlib and
// --disable-local-rpath (glibc's start-up code refuses a static executable with a run path).
let staticFlags =
    Context.environment["SKERRY_STATIC"] == "1"
    ? ["-no-toolchain-stdlib-rpath", "-Xclang-linker", "-static-pie", "-Xclang-linker", "-Wno-unused-command-line-argument"] : []

let package = Package(
    name: "skerry",
    products: [
        .library(name: "LibraryOS", targets: ["LibraryOS"]),
        .library(name: "SNPAttestation", targets: ["SNPAttestation"]),
        .library(name: "KeyRelease", targets: ["KeyRelease"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
    ],
    targets: [
        .target(name: "CLinux"),
        .systemLibrary(name: "CElf", providers: [.apt(["libelf-dev"])]),
        // libfdt's archive, so that one shared library less is loaded at every start.
        .target(name: "CFDT", linkerSettings: [.linkedLibrary(":libfdt.a")]),
        // libcrypto, for what is not on the run path.
        .target(name: "CCrypto", linkerSettings: [.linkedLibrary("crypto")]),
        .target(name: "LibCrypto", dependencies: ["CCrypto"], swiftSettings: swiftSettings),
        .target(name: "GuestABI"),
        .target(name: "GuestAccess"),
        .target(name: "GuestStub", dependencies: ["GuestABI"], path: "guest/stub", publicHeadersPath: "include"),
        .target(name: "GuestVDSO", dependencies: ["GuestABI"], path: "guest/vdso", publicHeadersPath: "include"),
        .target(name: "KVM", dependencies: ["CLinux"], swiftSettings: swiftSettings),
        .target(name: "LibraryOS", swiftSettings: swiftSettings),
        .target(
            name: "Monitor", dependencies: ["LibraryOS", "CFDT", "CLinux", "KVM", "GuestABI", "GuestAccess", "GuestStub", "GuestVDSO"], swiftSettings: swiftSettings),
        .target(
            name: "Skerry", dependencies: ["LibraryOS", "Monitor", "KVM", "CLinux", "CElf"], swiftSettings: swiftSettings,
            linkerSettings: [.linkedLibrary(":libelf.a"), .linkedLibrary(":libz.a")]),
        .target(name: "TEEClient", exclude: ["Makefile"]),
        // Device-tree templates, as source text.
        .target(name: "Firmware", path: "firmware", resources: [.embedInCode("tee.dts")], swiftSettings: swiftSettings),
        .target(
            name: "SecureWorld", dependencies: ["LibraryOS", "Monitor", "Firmware", "CLinux", "CElf", "CCrypto", "LibCrypto", "TEEClient"], swiftSettings: swiftSettings,
            linkerSettings: [.linkedLibrary(":libelf.a"), .linkedLibrary(":libz.a")]),
        // For relying parties: nothing of the monitor.
        .target(name: "SNPAttestation", dependencies: ["CCrypto", "LibCrypto"], swiftSettings: swiftSettings),
        // For relying parties that give secrets to guests: nothing of the monitor either.
        .target(name: "KeyRelease", dependencies: ["SNPAttestation", "CCrypto", "LibCrypto", "ConfidentialABI"], swiftSettings: swiftSettings),
        // What is launched, measured and run in encrypted memory, on hardware or on a secure processor in software.
        .target(
            name: "Confidential", dependencies: ["LibraryOS", "GuestHost", "CLinux", "CCrypto", "LibCrypto", "KVM", "ConfidentialABI"], swiftSettings: swiftSettings),
        // What the measured guest image and those who launch it agree on; the image itself is built by the plugin.
        .target(name: "ConfidentialABI", path: "guest/confidential/abi", publicHeadersPath: "include"),
        // The library OS's host inside the guest: part of the image, and compiled here for tests and for whoever makes what it reads.
        .target(name: "GuestHost", dependencies: ["LibraryOS", "ConfidentialABI"], path: "guest/confidential/host", swiftSettings: swiftSettings),
        .plugin(name: "BuildGuestImage", capability: .buildTool(), path: "guest/confidential/plugin"),
        .target(name: "ConfidentialImage", dependencies: ["Confidential"], swiftSettings: swiftSettings, plugins: ["BuildGuestImage"]),
        // Runs of sandboxes in the image: Foundation, for what is not on the run path.
        .target(
            name: "ConfidentialRun", dependencies: ["CLinux", "Confidential", "ConfidentialABI", "ConfidentialImage", "GuestHost", "LibraryOS", "SNPAttestation", "Skerry"],
            swiftSettings: swiftSettings),
        // Launch plans as JSON: Foundation, for what is not on the run path.
        .target(name: "LaunchManifest", dependencies: ["Confidential"], swiftSettings: swiftSettings),
        .target(name: "SkerryRun", dependencies: ["Skerry", "LibraryOS"], swiftSettings: swiftSettings),
        .target(
            name: "SkerryRunCommand", dependencies: ["SkerryRun", .product(name: "ArgumentParser", package: "swift-argument-parser")], swiftSettings: swiftSettings),
        .executableTarget(name: "skerry", dependencies: ["SkerryRun"], swiftSettings: swiftSettings, linkerSettings: [.unsafeFlags(executableFlags + staticFlags)]),
        .executableTarget(
            name: "skerry-commands", dependencies: ["Skerry", "SkerryRun", "SkerryRunCommand", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            swiftSettings: swiftSettings, linkerSettings: [.unsafeFlags(executableFlags)]),
        .executableTarget(
            name: "skerry-tee",
            dependencies: ["SecureWorld", "LibraryOS", "Monitor", "SkerryRun", "SkerryRunCommand", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            swiftSettings: swiftSettings, linkerSettings: [.unsafeFlags(executableFlags)]),
        .executableTarget(
            name: "skerry-snp",
            dependencies: [
                "SNPAttestation", "KeyRelease", "Confidential", "ConfidentialImage", "ConfidentialRun", "GuestHost", "LaunchManifest", "Skerry", "SkerryRun", "SkerryRunCommand",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: swiftSettings, linkerSettings: [.unsafeFlags(executableFlags)]),
        // scripts/test-private-memory: a guest, and the program that is the only process of an emulated machine. Not among what is installed.
        .target(name: "PrivateMemoryGuest", path: "guest/private-memory", publicHeadersPath: "include"),
        .executableTarget(
            name: "private-memory-bed", dependencies: ["Confidential", "CLinux", "PrivateMemoryGuest"], path: "Tests/PrivateMemoryBed", exclude: ["kernel.config"],
            swiftSettings: swiftSettings, linkerSettings: [.unsafeFlags(executableFlags + staticFlags)]),
        .testTarget(name: "KVMTests", dependencies: ["KVM"], swiftSettings: swiftSettings),
        .testTarget(name: "LibraryOSTests", dependencies: ["LibraryOS", "CElf", "CLinux"], swiftSettings: swiftSettings),
        .testTarget(name: "SkerryTests", dependencies: ["Skerry", "Monitor", "LibraryOS"], swiftSettings: swiftSettings),
        .testTarget(
            name: "SecureWorldTests", dependencies: ["SecureWorld", "LibraryOS", "Monitor", "Firmware", "CFDT", "CLinux", "TEEClient", "CCrypto"], swiftSettings: swiftSettings),
        .testTarget(
            name: "SecureWorldFuzz", dependencies: ["SecureWorld", "LibraryOS", "Monitor", "CLinux"], exclude: ["run"], swiftSettings: swiftSettings),
        .testTarget(name: "SNPAttestationTests", dependencies: ["SNPAttestation", "CCrypto"], exclude: ["Samples"], swiftSettings: swiftSettings),
        .testTarget(
            name: "ConfidentialTests",
            dependencies: [
                "Confidential", "ConfidentialImage", "ConfidentialABI", "GuestHost", "LaunchManifest", "LibraryOS", "Monitor", "Skerry", "SNPAttestation", "KeyRelease", "CLinux",
                "CCrypto",
            ],
            exclude: ["Authorities", "Golden", "Transcripts", "mutations"],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "GuestHostTests", dependencies: ["GuestHost", "Confidential", "LibraryOS", "Monitor", "ConfidentialABI"], exclude: ["mutations"], swiftSettings: swiftSettings),
        .testTarget(
            name: "MonitorTests", dependencies: ["Monitor", "LibraryOS", "KVM", "GuestABI", "GuestVDSO", "CFDT", "CLinux"], swiftSettings: swiftSettings),
        .testTarget(name: "HostileTests", dependencies: ["Skerry"], exclude: ["run"], swiftSettings: swiftSettings),
        .testTarget(
            name: "DifferentialTests", exclude: ["invocations.txt", "known_failures.json", "run"], swiftSettings: swiftSettings),
    ]
)
