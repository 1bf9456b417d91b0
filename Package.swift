// swift-tools-version: 6.2
import PackageDescription

/// CI sets MARTLET_STRICT; a newer compiler's new warnings then do not stop anybody else's build.
let strict: [SwiftSetting] = Context.environment["MARTLET_STRICT"] == nil ? [] : [.treatAllWarnings(as: .error)]

/// What is linked into the module: no Foundation, Dispatch or Swift concurrency, so that the host process gets
/// no thread of a runtime's, no signal handler and no fifty megabytes.
let inModule: [SwiftSetting] =
    strict + [
        .unsafeFlags([
            "-Xfrontend", "-disable-implicit-concurrency-module-import",
            "-Xfrontend", "-disable-implicit-string-processing-module-import",
        ])
    ]

/// What all that people install is linked with: no address of a function can be written over once it is loaded.
let hardened = ["-use-ld=lld", "-Xlinker", "-z", "-Xlinker", "now", "-Xlinker", "-z", "-Xlinker", "relro"]

/// Packed relocations shorten the module's start; the loader of glibc 2.36 is the first that knows them.
/// MARTLET_PLAIN_RELOCATIONS leaves them out, for older ones.
let packed =
    Context.environment["MARTLET_PLAIN_RELOCATIONS"] == nil
    ? ["-Xlinker", "-z", "-Xlinker", "pack-relative-relocs"] : []

/// The module is one self-contained file that exports the C_ functions and nothing else. lld: gold leaks symbols
/// past a version script. nodelete: threads of the host may end after dlclose. The folder Link comes before the
/// compiler's own, and its libstdc++.so with it.
let moduleLink: [LinkerSetting] = [
    .unsafeFlags(
        hardened + packed + [
            "-static-stdlib", "-L\(Context.packageDirectory)/Sources/PKCS11Module/Link",
            "-Xlinker", "--version-script=\(Context.packageDirectory)/Sources/PKCS11Module/Link/exports.map",
            "-Xlinker", "--gc-sections", "-Xlinker", "--icf=all", "-Xlinker", "--strip-all",
            "-Xlinker", "-z", "-Xlinker", "nodelete",
            "-Xlinker", "--wrap=malloc", "-Xlinker", "--wrap=aligned_alloc", "-Xlinker", "--wrap=malloc_usable_size",
        ], .when(configuration: .release))
]

let programLink: [LinkerSetting] = [.unsafeFlags(hardened, .when(configuration: .release))]

/// What the module has in C is compiled as Debian compiles its own.
let hardenedC: [CSetting] = [
    .headerSearchPath("../../include"),
    .unsafeFlags(["-fstack-protector-strong", "-fstack-clash-protection"]),
]

/// The commit that the sources are of, where they are in git: `martlet doctor` compares it in the module and in itself.
let build = Context.gitInformation.map { String($0.currentCommit.prefix(12)) } ?? "unknown"

let package = Package(
    name: "martlet",
    products: [
        .library(name: "martlet-pkcs11", type: .dynamic, targets: ["PKCS11Module"]),
        .executable(name: "martlet", targets: ["martlet"]),
        .executable(name: "martlet-card", targets: ["martlet-card"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2")
    ],
    targets: [
        .systemLibrary(name: "CPCSC", pkgConfig: "libpcsclite", providers: [.apt(["libpcsclite-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CPKCS11", path: "include"),

        .target(name: "Version", swiftSettings: inModule),
        .target(name: "CLibrary", swiftSettings: inModule),
        .systemLibrary(name: "CPlatform"),
        .target(name: "Platform", dependencies: ["CLibrary", "CPlatform"], swiftSettings: inModule),
        .target(name: "Keys", swiftSettings: inModule),
        .target(name: "APDU", dependencies: ["Platform"], swiftSettings: inModule),
        .target(name: "ISO7816", dependencies: ["APDU", "Platform"], swiftSettings: inModule),
        .target(name: "Token", dependencies: ["Keys"], swiftSettings: inModule),
        .target(
            name: "HostCrypto", dependencies: ["CLibrary", "COpenSSL", "CZlib", "Keys", "Platform"],
            swiftSettings: inModule),
        .target(name: "PCSC", dependencies: ["CLibrary", "ISO7816", "CPCSC", "Platform"], swiftSettings: inModule),
        .target(
            name: "CardApplication", dependencies: ["ISO7816", "Token", "HostCrypto", "Keys", "Platform"],
            swiftSettings: inModule),
        .target(
            name: "PIV", dependencies: ["ISO7816", "Token", "CardApplication", "HostCrypto", "Keys", "Platform"],
            swiftSettings: inModule),
        .target(
            name: "OpenPGP", dependencies: ["ISO7816", "Token", "CardApplication", "HostCrypto", "Keys", "Platform"],
            swiftSettings: inModule),
        .target(name: "SoftToken", dependencies: ["HostCrypto", "Keys", "Platform"], swiftSettings: inModule),
        .target(
            name: "Cryptoki", dependencies: ["Token", "SoftToken", "HostCrypto", "Keys", "CPKCS11", "Platform"],
            swiftSettings: inModule),
        .target(
            name: "Wiring",
            dependencies: [
                "CLibrary", "ISO7816", "Token", "CardApplication", "PIV", "OpenPGP", "PCSC", "Platform", "HostCrypto",
            ],
            swiftSettings: inModule),
        .target(name: "CBuild", cSettings: [.define("MARTLET_BUILD", to: "\"\(build)\"")]),
        .target(
            name: "CFunctionList",
            cSettings: hardenedC + [.define("MARTLET_WHOLE_WORDS", .when(configuration: .release))]),
        .target(
            name: "PKCS11Module",
            dependencies: [
                "CLibrary", "Cryptoki", "CPKCS11", "CBuild", "CFunctionList", "Wiring", "Platform", "Version",
            ],
            exclude: ["Link"], swiftSettings: inModule, linkerSettings: moduleLink),

        // What the module does not link: certificates are built by the command line and by the simulated card.
        .target(name: "Certificates", dependencies: ["HostCrypto", "Keys"], swiftSettings: strict),
        // What `martlet record` writes and `martlet-card replay` reads.
        .target(name: "CardRecord", dependencies: ["APDU"], swiftSettings: strict),
        // A second reading of the card specifications: of the module's rooms it shares the framing of APDUs and libcrypto.
        .target(
            name: "VirtualCard",
            dependencies: ["CLibrary", "APDU", "HostCrypto", "Keys", "Certificates", "CardRecord"],
            swiftSettings: strict),
        .executableTarget(
            name: "martlet-card",
            dependencies: [
                "CLibrary", "VirtualCard", "CardRecord", "Version",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict, linkerSettings: programLink),
        .target(name: "PKCS11Provider", dependencies: ["CLibrary", "CPKCS11"], swiftSettings: strict),
        .executableTarget(
            name: "martlet",
            dependencies: [
                "CLibrary", "Wiring", "PIV", "OpenPGP", "PCSC", "ISO7816", "Token", "HostCrypto", "Keys",
                "PKCS11Provider",
                "Platform", "CBuild", "CPKCS11", "Certificates", "CardRecord", "APDU", "Version",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            resources: [.embedInCode("Licences/NOTICE")], swiftSettings: strict, linkerSettings: programLink),

        .executableTarget(
            name: "martlet-bench",
            dependencies: ["CLibrary", "PKCS11Provider", "CPKCS11", "COpenSSL", "TestSupport"], swiftSettings: strict),

        .testTarget(name: "KeysTests", dependencies: ["Keys"], swiftSettings: strict),
        .testTarget(name: "ISO7816Tests", dependencies: ["ISO7816", "Platform", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "HostCryptoTests",
            dependencies: ["CLibrary", "HostCrypto", "Keys", "Certificates", "Platform", "TestSupport"],
            resources: [.copy("Vectors")], swiftSettings: strict),
        .testTarget(
            name: "PIVTests",
            dependencies: [
                "PIV", "Token", "ISO7816", "HostCrypto", "Keys", "Certificates", "Platform", "VirtualCard",
                "VirtualChannel", "TestSupport",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "OpenPGPTests",
            dependencies: [
                "OpenPGP", "CardApplication", "Token", "ISO7816", "HostCrypto", "Keys", "Certificates", "Platform",
                "PCSC", "TestSupport", "FuzzTargets", "VirtualCard", "VirtualChannel",
            ],
            exclude: ["Drivers"], swiftSettings: strict),
        .testTarget(name: "SoftTokenTests", dependencies: ["SoftToken", "HostCrypto"], swiftSettings: strict),
        .testTarget(
            name: "CardApplicationTests",
            dependencies: [
                "CardApplication", "Cryptoki", "Token", "APDU", "ISO7816", "HostCrypto", "Keys", "Certificates",
                "Platform",
                "CPKCS11", "TestSupport",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "CryptokiTests",
            dependencies: [
                "CLibrary", "Cryptoki", "Token", "HostCrypto", "Keys", "Platform", "CPKCS11", "TestSupport",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "VirtualCardTests",
            dependencies: [
                "VirtualCard", "VirtualChannel", "CardRecord", "ISO7816", "HostCrypto", "Keys", "TestSupport",
            ],
            swiftSettings: strict),
        .target(
            name: "VirtualChannel", dependencies: ["VirtualCard", "ISO7816"], path: "Tests/VirtualChannel",
            swiftSettings: strict),
        .target(
            name: "TestSupport", dependencies: ["CLibrary", "Platform"], path: "Tests/TestSupport", exclude: ["World"],
            swiftSettings: strict),
        .target(
            name: "FuzzTargets",
            dependencies: [
                "Cryptoki", "Wiring", "PIV", "OpenPGP", "ISO7816", "HostCrypto", "Keys", "Token", "CPKCS11",
            ],
            path: "Tests/FuzzTargets", swiftSettings: strict),
        .testTarget(
            name: "FuzzTests",
            dependencies: ["FuzzTargets", "VirtualCard", "VirtualChannel", "ISO7816", "TestSupport"],
            exclude: ["Corpus"], swiftSettings: strict),
        .testTarget(name: "CommandLineTests", dependencies: ["TestSupport"], swiftSettings: strict),
        .target(
            name: "FaultFlows", dependencies: ["Cryptoki", "HostCrypto", "Certificates", "CPKCS11"],
            path: "Tests/FaultFlows", swiftSettings: strict),
        .executableTarget(
            name: "fault-driver",
            dependencies: ["CLibrary", "FaultFlows", "Cryptoki", "Wiring", "HostCrypto", "Platform"],
            path: "Tests/FaultDriver", swiftSettings: strict),
        .testTarget(
            name: "FaultTests",
            dependencies: [
                "CLibrary", "FaultFlows", "fault-driver", "martlet-card", "Cryptoki", "Wiring", "PIV", "OpenPGP",
                "VirtualCard", "ISO7816", "HostCrypto", "Token", "CPKCS11", "Platform", "TestSupport",
            ],
            exclude: ["Drivers"], swiftSettings: strict),
        .testTarget(name: "HouseTests", dependencies: ["TestSupport"], swiftSettings: strict),
        .testTarget(name: "HeaderTests", dependencies: ["TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "PCSCTests", dependencies: ["CLibrary", "PCSC", "ISO7816", "Platform", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "ModuleTests", dependencies: ["CLibrary", "CPKCS11", "TestSupport", "Version"],
            exclude: ["Drivers", "Conformance/justified-failures.txt", "Mechanisms/mechanisms.md"],
            swiftSettings: strict),
    ]
)

// libFuzzer brings the program's start along, so the driver is no part of other builds. `.ci/fuzz` builds it.
if Context.environment["MARTLET_FUZZ_DRIVER"] != nil {
    package.targets.append(
        .executableTarget(
            name: "martlet-fuzz", dependencies: ["CLibrary", "FuzzTargets"], path: "Tests/FuzzDriver",
            swiftSettings: [.unsafeFlags(["-parse-as-library"])]))
}
