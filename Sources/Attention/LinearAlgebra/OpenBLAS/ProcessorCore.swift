import Foundation

/// The OpenBLAS kernels that a processor can run, where OpenBLAS does not know it.
///
/// Releases before 0.3.25 take a newer processor for a Prescott of 2004 and compute at a fifth of its
/// speed (OpenBLAS issue 4267). With 0.3.21 of Debian 12 these are every Xeon from Emerald Rapids and every
/// EPYC from Zen 5 on.
package enum ProcessorCore {
  /// The cores that OpenBLAS falls back to; a real processor of these has no AVX2.
  private static let fallbacks: Set<String> = ["Prescott", "Nehalem", "Sandybridge", "Unknown"]

  private static let avx2: Set<Substring> = ["avx2", "fma"]
  private static let avx512: Set<Substring> = [
    "avx512f", "avx512cd", "avx512bw", "avx512dq", "avx512vl",
  ]

  /// A better core than OpenBLAS chose; nil to keep its choice.
  ///
  /// AVX-512 is chosen on Intel's processors only: releases of that age have shipped kernels that
  /// are wrong on AMD's.
  ///
  /// - Parameters:
  ///   - chosen: the core's name as OpenBLAS gives it.
  ///   - description: `/proc/cpuinfo`, or its first entry.
  package static func core(betterThan chosen: String, description: String) -> String? {
    guard fallbacks.contains(chosen) else { return nil }
    let lines = description.split(separator: "\n")
    guard let flagLine = lines.first(where: { $0.hasPrefix("flags") }) else { return nil }
    let flags = Set(flagLine.split(whereSeparator: { $0 == " " || $0 == "\t" }))
    guard flags.isSuperset(of: avx2) else { return nil }
    let isIntel = lines.contains { $0.hasPrefix("vendor_id") && $0.hasSuffix("GenuineIntel") }
    return isIntel && flags.isSuperset(of: avx512) ? "SkylakeX" : "Haswell"
  }

  /// The start of `/proc/cpuinfo`; nil where there is none, or where the user chose a core with the
  /// environment variable `OPENBLAS_CORETYPE`.
  static var description: String? {
    guard ProcessInfo.processInfo.environment[variable] == nil,
      let file = FileHandle(forReadingAtPath: "/proc/cpuinfo")
    else { return nil }
    defer { try? file.close() }
    return (try? file.read(upToCount: 1 << 14)).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Makes OpenBLAS choose its kernels again, by name.
  ///
  /// It calls the functions that OpenBLAS calls when it is loaded; no product may run meanwhile. The two
  /// functions are not in its header. A build without them keeps its kernels.
  ///
  /// - Returns: whether the build has the functions.
  @Sendable static func select(_ name: String) -> Bool {
    #if os(Linux)
      typealias EntryPoint = @convention(c) () -> Void
      guard let quit = dlsym(nil, "gotoblas_dynamic_quit"),
        let start = dlsym(nil, "gotoblas_dynamic_init")
      else { return false }
      setenv(variable, name, 1)
      unsafeBitCast(quit, to: EntryPoint.self)()
      unsafeBitCast(start, to: EntryPoint.self)()
      unsetenv(variable)
      return true
    #else
      return false
    #endif
  }

  private static let variable = "OPENBLAS_CORETYPE"
}
