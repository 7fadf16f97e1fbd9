// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "swift-attention",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "Attention", targets: ["Attention"]),
    .library(name: "AttentionModels", targets: ["AttentionModels"]),
    .library(name: "AttentionSearch", targets: ["AttentionSearch"]),
    .library(name: "Tokenizers", targets: ["Tokenizers"]),
    .library(name: "DemonstrationModels", targets: ["DemonstrationModels"]),
    .executable(name: "attend", targets: ["attend"]),
  ],
  traits: [
    .default(enabledTraits: ["Search"]),
    .trait(name: "Search", description: "AttentionSearch, which depends on GRDB and SQLite"),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-numerics", from: "1.0.3"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
  ],
  targets: [
    .systemLibrary(
      name: "COpenBLAS", path: "Modules/COpenBLAS", pkgConfig: "openblas",
      providers: [.apt(["libopenblas-dev"]), .brew(["openblas"])]),
    .systemLibrary(
      name: "CLAPACKE", path: "Modules/CLAPACKE", pkgConfig: "lapacke",
      providers: [.apt(["liblapacke-dev"]), .brew(["lapack"])]),
    .target(name: "CKernels"),
    .target(name: "COpenBLASThreads"),
    .target(name: "AttentionCore"),
    .target(
      name: "Attention",
      dependencies: [
        "AttentionCore", "COpenBLAS", "COpenBLASThreads", "CLAPACKE", "CKernels",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "RealModule", package: "swift-numerics"),
      ]),
    .target(
      name: "Tokenizers", dependencies: ["AttentionCore"], swiftSettings: [.strictMemorySafety()]),
    .target(
      name: "AttentionModels", dependencies: ["Attention", "Tokenizers"],
      resources: [.embedInCode("Resources/Page")]),
    .target(
      name: "AttentionSearch",
      dependencies: [
        "AttentionModels",
        .product(name: "GRDB", package: "GRDB.swift", condition: .when(traits: ["Search"])),
      ]),
    .target(
      name: "DemonstrationModels", dependencies: ["AttentionCore"],
      resources: [.copy("Resources/Demonstration")], swiftSettings: [.strictMemorySafety()]),
    .target(name: "Benchmarks", dependencies: ["AttentionSearch"]),
    .target(name: "Verification", dependencies: ["Benchmarks", "CKernels"]),
    .executableTarget(
      name: "attend",
      dependencies: [
        "AttentionModels", "AttentionSearch", "Benchmarks", "DemonstrationModels", "Verification",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      resources: [.embedInCode("Resources/Lesson")]),
    .target(name: "TestSupport", dependencies: ["Attention"], path: "Tests/TestSupport"),
    .target(name: "Fuzzing", dependencies: ["AttentionModels"], path: "Tests/Fuzzing"),
    .executableTarget(name: "FuzzDriver", dependencies: ["Fuzzing"], path: "Tests/FuzzDriver"),
    .executableTarget(
      name: "ReadmeExample", dependencies: ["AttentionModels", "DemonstrationModels"],
      path: "Tests/ReadmeExample"),
    .testTarget(
      name: "AttentionCoreTests", dependencies: ["AttentionCore", "TestSupport"]),
    .testTarget(
      name: "AttentionTests", dependencies: ["Attention", "TestSupport"],
      exclude: ["Fixtures"]),
    .testTarget(
      name: "TokenizersTests", dependencies: ["Tokenizers", "TestSupport"],
      exclude: ["Fixtures"]),
    .testTarget(
      name: "AttentionModelsTests",
      dependencies: ["AttentionModels", "DemonstrationModels", "TestSupport"],
      exclude: ["Fixtures"]),
    .testTarget(
      name: "AttentionSearchTests", dependencies: ["AttentionSearch", "TestSupport"]),
    .testTarget(
      name: "DemonstrationModelsTests",
      dependencies: ["AttentionModels", "DemonstrationModels", "TestSupport"],
      exclude: ["Fixtures"]),
    .testTarget(
      name: "FuzzingTests", dependencies: ["Fuzzing", "TestSupport"], exclude: ["Corpora"]),
    .testTarget(
      name: "BenchmarksTests", dependencies: ["Benchmarks", "DemonstrationModels", "TestSupport"]),
    .testTarget(name: "VerificationTests", dependencies: ["Verification", "TestSupport"]),
    .testTarget(
      name: "attendTests",
      dependencies: [
        "attend", "ReadmeExample", "Attention", "Benchmarks", "DemonstrationModels", "TestSupport",
      ],
      exclude: ["Fetch/hub_server.py"]),
  ],
  swiftLanguageModes: [.v6]
)
