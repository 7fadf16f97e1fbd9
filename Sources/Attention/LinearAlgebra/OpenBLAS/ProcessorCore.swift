import Foundation

/// Chooses OpenBLAS kernels for processors that OpenBLAS does not know.
///
/// Releases before 0.3.25 treat newer processors as a Prescott of 2004 and compute at a fifth of
/// their speed (OpenBLAS issue 4267). For release 0.3.21, which Debian 12 has, these are all Xeons
/// since Emerald Rapids and all EPYCs since Zen 5.
package enum ProcessorCore {
  /// The cores that OpenBLAS falls back to. Real processors of these families have no AVX2.
  private static let fallbacks: Set<String> = ["Prescott", "Nehalem", "Sandybridge", "Unknown"]

  private static let avx2: Set<Substring> = ["avx2", "fma"]
  private static let avx512: Set<Substring> = [
    "avx512f", "avx512cd", "avx512bw", "avx512dq", "avx512vl",
  ]

  /// A better core than OpenBLAS chose; nil to keep OpenBLAS's choice.
  ///
  /// AVX-512 is chosen only on Intel processors: releases of that age have wrong kernels for AMD
  /// processors.
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

  /// The start of `/proc/cpuinfo`; nil if there is none, or if the user chose a core with the
  /// environment variable `OPENBLAS_CORETYPE`.
  static var description: String? {
    guard ProcessInfo.processInfo.environment[variable] == nil,
      let file = FileHandle(forReadingAtPath: "/proc/cpuinfo")
    else { return nil }
    defer { try? file.close() }
    return (try? file.read(upToCount: 1 << 14)).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Makes OpenBLAS select the kernels with the given name.
  ///
  /// Calls the two functions that OpenBLAS itself calls when it is loaded; its header does not
  /// declare them. No product may run at the same time. A build without these functions keeps its
  /// kernels.
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
