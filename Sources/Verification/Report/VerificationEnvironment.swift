import Attention
import AttentionCore
import Benchmarks
import Foundation

/// Everything about the machine that a result depends on, for a bug report.
package struct VerificationEnvironment: Sendable {
  private let machine: HostInfo
  private let checkout: String?
  private let kernelRelease: String?
  private let instructionSets: [String]
  private let allKernels: [String]
  private let openBLAS: String
  private let threadMode: String
  private let threads: Int
  /// The environment variables that change how this package computes, "NAME=value".
  private let variables: [String]

  /// Why OpenBLAS is not used; nil if it is.
  var openBLASFailure: String? { machine.openBLASFailure }

  /// This machine and process.
  ///
  /// - Parameter version: the version of the program.
  package static func current(version: String) -> VerificationEnvironment {
    let release = try? String(contentsOfFile: "/proc/sys/kernel/osrelease", encoding: .utf8)
    let environment = ProcessInfo.processInfo.environment
    let names = [KernelChoice.variable, "OPENBLAS_CORETYPE", "OPENBLAS_NUM_THREADS"]
    return VerificationEnvironment(
      machine: .current(version: version), checkout: Checkout.ofThisProgram,
      kernelRelease: release?.trimmingCharacters(in: .whitespacesAndNewlines),
      instructionSets: Processor.current.instructionSets,
      allKernels: NativeKernels.all.map(\.name),
      openBLAS: OpenBLASLibrary.configuration.trimmingCharacters(in: .whitespaces),
      threadMode: OpenBLAS.shared.threadMode.map { "\($0)" } ?? "unknown threading",
      threads: AvailableProcessors.count,
      variables: names.compactMap { name in environment[name].map { "\(name)=\(printable($0))" } })
  }

  /// The lines above the table, at most 80 columns wide.
  package var lines: [String] {
    let system = [machine.system, kernelRelease.map { "Linux \($0)" }, Processor.architecture]
      .compactMap(\.self).joined(separator: ", ")
    let selfTest =
      machine.openBLASFailure.map { "NOT USED: \($0)" } ?? "self-test passed"
    let others = allKernels.filter { $0 != machine.kernels }
    return [
      (
        "attend",
        "\(machine.version)\(checkout.map { ", checkout \($0)" } ?? ""), Swift \(machine.swift)"
      ),
      ("system", system),
      (
        "processor",
        """
        \(machine.processor), \(counted(machine.processorCount, "processor")), \
        \(counted(threads, "thread"))
        """
      ),
      ("flags", instructionSets.isEmpty ? "unknown" : instructionSets.joined(separator: " ")),
      (
        "kernels",
        machine.kernels + (others.isEmpty ? "" : "; also \(others.joined(separator: ", "))")
      ),
      ("OpenBLAS", openBLAS.hasPrefix("OpenBLAS ") ? String(openBLAS.dropFirst(9)) : openBLAS),
      ("", "core \(machine.openBLASCore), \(threadMode), \(selfTest)"),
      ("sgemm", machine.openBLASFailure == nil ? machine.sgemmPlan : "not called"),
      ("variables", variables.joined(separator: " ")),
    ].filter { !$0.1.isEmpty }.flatMap { Self.wrapped($0.0, $0.1) }
  }

  /// A name and a text, in lines of at most 80 columns.
  private static func wrapped(_ name: String, _ text: String) -> [String] {
    let indent = 11
    var lines: [String] = []
    var line = name + String(repeating: " ", count: max(1, indent - name.count))
    var isEmpty = true
    for word in text.split(separator: " ") {
      if !isEmpty, line.count + 1 + word.count > 80 {
        lines.append(line)
        (line, isEmpty) = (String(repeating: " ", count: indent), true)
      }
      line += (isEmpty ? "" : " ") + word
      isEmpty = false
    }
    return lines + [line]
  }

  package var json: String {
    func text(_ value: String?) -> String { value.map(JSONText.string) ?? "null" }
    return JSONText.object([
      "version": text(machine.version),
      "checkout": text(checkout),
      "swift": text(machine.swift),
      "system": text(machine.system),
      "kernel_release": text(kernelRelease),
      "architecture": text(Processor.architecture),
      "processor": text(machine.processor),
      "processors": "\(machine.processorCount)",
      "threads": "\(threads)",
      "instruction_sets": JSONText.array(instructionSets.map(JSONText.string)),
      "kernels": text(machine.kernels),
      "all_kernels": JSONText.array(allKernels.map(JSONText.string)),
      "openblas": text(openBLAS),
      "openblas_core": text(machine.openBLASCore),
      "openblas_threading": text(threadMode),
      "openblas_failure": text(machine.openBLASFailure),
      "sgemm_plan": text(machine.sgemmPlan),
      "variables": JSONText.array(variables.map(JSONText.string)),
    ])
  }
}
