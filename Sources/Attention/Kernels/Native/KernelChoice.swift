import AttentionCore
import Foundation
import Logging

/// The choice of the instruction set: the fastest, unless an environment variable names another one.
package enum KernelChoice {
  /// The name of an instruction set, such as "AVX2": to measure it, or to avoid a faulty one.
  package static let variable = "ATTENTION_KERNELS"

  /// The kernels that the environment names; the first of `all` if it names none.
  static func chosen(from all: [NativeKernels]) -> NativeKernels {
    chosen(from: all, named: ProcessInfo.processInfo.environment[variable]) { message in
      Logger(label: "swift-attention").warning("\(message)")
    }
  }

  /// The kernels with the given name, in any case; the first of `all` for nil or an empty name.
  ///
  /// - Parameters:
  ///   - all: all kernels of this processor, the fastest first.
  ///   - warn: receives a warning if there are no kernels with this name.
  package static func chosen(
    from all: [NativeKernels], named name: String?, warn: (String) -> Void
  ) -> NativeKernels {
    guard let name, !name.isEmpty else { return all[0] }
    if let named = all.first(where: { $0.name.lowercased() == name.lowercased() }) { return named }
    let names = all.map(\.name).joined(separator: ", ")
    warn(
      """
      \(variable)=\(printable(name)): this processor has no such kernels. It has: \(names). \
      Using \(all[0].name).
      """)
    return all[0]
  }
}
