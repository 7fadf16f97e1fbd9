/// A processor family that OpenBLAS has kernels for: a value of `OPENBLAS_CORETYPE`.
package struct OpenBLASCore: Sendable {
  package let name: String
  /// The flags in `/proc/cpuinfo` of the instructions that the kernels use.
  package let flags: [String]

  /// The families whose kernels a processor can run, as far as its flags tell.
  package static func runnable(on processor: Processor) -> [OpenBLASCore] {
    all.filter { processor.has($0.flags) }
  }

  private static let avx512 = ["avx512f", "avx512cd", "avx512bw", "avx512dq", "avx512vl"]

  /// - Source: OpenBLAS, `driver/others/dynamic.c` and `dynamic_arm64.c`, and the compiler flags of each
  ///   kernel folder.
  private static let all: [OpenBLASCore] = {
    #if arch(x86_64)
      [
        ("Prescott", ["pni"]), ("Core2", ["ssse3"]), ("Penryn", ["sse4_1"]),
        ("Dunnington", ["sse4_1"]), ("Atom", ["ssse3"]), ("Nehalem", ["sse4_2"]),
        ("Nano", ["ssse3"]), ("Athlon", ["3dnow"]), ("Opteron", ["3dnow"]),
        ("Opteron_SSE3", ["3dnow", "pni"]), ("Barcelona", ["sse4a", "pni"]),
        ("Bobcat", ["sse4a", "ssse3"]), ("Sandybridge", ["avx"]), ("Bulldozer", ["avx", "fma4"]),
        ("Piledriver", ["avx", "fma", "fma4"]), ("Steamroller", ["avx", "fma", "fma4"]),
        ("Excavator", ["avx", "fma", "fma4"]), ("Haswell", ["avx2", "fma"]),
        ("Zen", ["avx2", "fma"]),
        ("SkylakeX", avx512), ("Cooperlake", avx512 + ["avx512_bf16"]),
        ("SapphireRapids", avx512 + ["avx512_bf16", "amx_bf16"]),
      ].map(OpenBLASCore.init)
    #elseif arch(arm64)
      [
        ("ARMV8", ["asimd"]), ("CORTEXA53", ["asimd"]), ("CORTEXA55", ["asimd"]),
        ("CORTEXA57", ["asimd"]), ("CORTEXA72", ["asimd"]), ("CORTEXA73", ["asimd"]),
        ("FALKOR", ["asimd"]), ("THUNDERX", ["asimd"]), ("THUNDERX2T99", ["asimd"]),
        ("THUNDERX3T110", ["asimd"]), ("TSV110", ["asimd"]), ("EMAG8180", ["asimd"]),
        ("NEOVERSEN1", ["asimd"]), ("NEOVERSEV1", ["asimd", "sve"]),
        ("NEOVERSEN2", ["asimd", "sve", "bf16"]), ("ARMV8SVE", ["asimd", "sve"]),
        ("A64FX", ["asimd", "sve"]),
      ].map(OpenBLASCore.init)
    #else
      []
    #endif
  }()

  private init(_ row: (String, [String])) {
    (name, flags) = row
  }
}
