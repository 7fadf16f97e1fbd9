// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "swift-attention",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "Attention", targets: ["Attention"]),
    .library(name: "AttentionModels", targets: ["AttentionModels"]),
    .executable(name: "attend", targets: ["attend"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-numerics", from: "1.0.3"),
  ],
  targets: [
    .systemLibrary(
      name: "COpenBLAS", path: "Modules/COpenBLAS", pkgConfig: "openblas",
      providers: [.apt(["libopenblas-dev"]), .brew(["openblas"])]),
    .systemLibrary(
      name: "CLAPACKE", path: "Modules/CLAPACKE", pkgConfig: "lapacke",
      providers: [.apt(["liblapacke-dev"]), .brew(["lapack"])]),
    .target(name: "CVectorKernels"),
    .target(
      name: "Attention",
      dependencies: [
        "COpenBLAS", "CLAPACKE", "CVectorKernels",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "RealModule", package: "swift-numerics"),
      ]),
    .target(
      name: "AttentionModels", dependencies: ["Attention"],
      resources: [.copy("Resources/Demonstration")]),
    .executableTarget(
      name: "attend",
      dependencies: [
        "AttentionModels",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .target(name: "TestSupport", dependencies: ["Attention"], path: "Tests/TestSupport"),
    .executableTarget(
      name: "ReadmeExample", dependencies: ["AttentionModels"], path: "Tests/ReadmeExample"),
    .testTarget(
      name: "AttentionTests", dependencies: ["Attention", "TestSupport"],
      resources: [.copy("Fixtures")]),
    .testTarget(
      name: "AttentionModelsTests", dependencies: ["AttentionModels", "TestSupport"],
      resources: [.copy("Fixtures")]),
    .testTarget(
      name: "attendTests", dependencies: ["attend", "ReadmeExample", "Attention", "TestSupport"],
      exclude: ["Fetch/hub_server.py"]),
  ],
  swiftLanguageModes: [.v6]
)
