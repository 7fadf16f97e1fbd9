import Foundation

/// The instruction sets of this processor, as `/proc/cpuinfo` lists them.
package struct Processor: Sendable {
  /// The flags of the first processor: "avx2", "fma" and so on.
  package let flags: Set<String>

  /// This processor; without flags where there is no `/proc/cpuinfo`.
  package static let current = Processor(
    description: (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? "")

  /// - Parameter description: `/proc/cpuinfo`, or its first entry.
  package init(description: String) {
    // x86-64 has "flags", arm64 "Features".
    let line = description.split(separator: "\n").first {
      $0.hasPrefix("flags") || $0.hasPrefix("Features")
    }
    let list = line?.split(separator: ":", maxSplits: 1).last ?? ""
    flags = Set(list.split(whereSeparator: \.isWhitespace).map(String.init))
  }

  package func has(_ needed: [String]) -> Bool { flags.isSuperset(of: needed) }

  /// The flags that matter for matrix products, in a fixed order.
  package var instructionSets: [String] {
    [
      "pni", "ssse3", "sse4_1", "sse4_2", "avx", "f16c", "fma", "avx2", "avx_vnni", "avx512f",
      "avx512cd", "avx512bw", "avx512dq", "avx512vl", "avx512_vnni", "avx512_bf16", "avx512_fp16",
      "amx_tile", "amx_bf16", "amx_int8", "asimd", "asimdhp", "asimddp", "bf16", "i8mm", "sve",
      "sve2", "svebf16",
    ].filter(flags.contains).map { $0 == "pni" ? "sse3" : $0 }
  }

  static var architecture: String {
    #if arch(x86_64)
      "x86_64"
    #elseif arch(arm64)
      "aarch64"
    #else
      "unknown architecture"
    #endif
  }
}
