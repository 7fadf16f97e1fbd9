import Attention
import Foundation

/// The machine and the versions that a benchmark ran on.
package struct HostInfo {
  package let processor: String
  package let processorCount: Int
  package let system: String
  /// The instruction set of the SIMD kernels in use.
  package let kernels: String
  package let openBLASVersion: String
  package let openBLASCore: String
  /// The products that are calls of sgemm, and their blocks.
  package let sgemmPlan: String
  /// Why OpenBLAS is not used although it is installed; nil if it is used.
  package let openBLASFailure: String?
  package let swift: String
  package let version: String

  /// This machine.
  ///
  /// - Parameter version: the version of the program.
  package static func current(version: String) -> HostInfo {
    let library = OpenBLAS.shared
    let parts = OpenBLASLibrary.configuration.split(separator: " ")
    return HostInfo(
      processor: processorName ?? "unknown processor",
      processorCount: ProcessInfo.processInfo.activeProcessorCount,
      system: systemName,
      kernels: NativeKernels.best.name,
      openBLASVersion: parts.dropFirst().first.map(String.init) ?? "unknown version",
      openBLASCore: library.coreName,
      sgemmPlan: library.plan.description,
      openBLASFailure: library.isTrusted
        ? nil : library.selfTestFailure ?? "cannot allocate memory for its buffers",
      swift: swiftVersion,
      version: version)
  }

  /// The lines above a table.
  package var lines: [String] {
    let processors = "\(processorCount) processor\(processorCount == 1 ? "" : "s")"
    let use = openBLASFailure.map { "OpenBLAS is not used: \($0)" } ?? "sgemm: \(sgemmPlan)"
    return [
      "attend \(version), Swift \(swift), \(system)",
      "\(processor), \(processors), \(kernels) kernels; OpenBLAS \(openBLASVersion), core \(openBLASCore)",
      use,
    ]
  }

  package var json: String {
    JSONText.object([
      "processor": JSONText.string(processor),
      "processors": "\(processorCount)",
      "system": JSONText.string(system),
      "kernels": JSONText.string(kernels),
      "openblas_version": JSONText.string(openBLASVersion),
      "openblas_core": JSONText.string(openBLASCore),
      "sgemm_plan": JSONText.string(sgemmPlan),
      "openblas_failure": openBLASFailure.map(JSONText.string) ?? "null",
      "swift": JSONText.string(swift),
      "version": JSONText.string(version),
    ])
  }

  private static var processorName: String? {
    guard let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8) else {
      return nil
    }
    // x86-64 has a name here, arm64 only a part number.
    for key in ["model name", "CPU part"] {
      let line = text.split(separator: "\n").first { $0.hasPrefix(key) }
      if let name = line?.split(separator: ":", maxSplits: 1).last {
        let name = name.trimmingCharacters(in: .whitespaces)
        return key == "CPU part" ? "ARM part \(name)" : name
      }
    }
    return nil
  }

  private static var systemName: String {
    let release = try? String(contentsOfFile: "/etc/os-release", encoding: .utf8)
    let line = release?.split(separator: "\n").first { $0.hasPrefix("PRETTY_NAME=") }
    let name = line?.dropFirst("PRETTY_NAME=".count).trimmingCharacters(in: ["\""])
    return name ?? ProcessInfo.processInfo.operatingSystemVersionString
  }

  /// The compiler version, as far as conditional compilation can tell.
  private static var swiftVersion: String {
    #if compiler(>=6.5)
      "6.5 or later"
    #elseif compiler(>=6.4)
      "6.4"
    #elseif compiler(>=6.3)
      "6.3"
    #else
      "6.2"
    #endif
  }
}
