import Attention
import Testing

/// The environment variable that chooses an instruction set.
@Suite struct KernelChoiceTests {
  private func chosen(_ name: String?) -> (name: String, warnings: [String]) {
    var warnings: [String] = []
    let kernels = KernelChoice.chosen(from: NativeKernels.all, named: name) { warnings.append($0) }
    return (kernels.name, warnings)
  }

  @Test func `without a name, the fastest kernels are used`() {
    for name in [nil, ""] {
      let result = chosen(name)
      #expect(result.name == NativeKernels.all[0].name && result.warnings.isEmpty)
    }
  }

  @Test(arguments: NativeKernels.all.map(\.name))
  func `each instruction set of this processor can be chosen, in any case`(name: String) {
    for spelling in [name, name.lowercased()] {
      let result = chosen(spelling)
      #expect(result.name == name && result.warnings.isEmpty)
    }
  }

  @Test func `for an unknown name, a warning lists the kernels`() throws {
    let result = chosen("SSE9")
    #expect(result.name == NativeKernels.all[0].name)
    let warning = try #require(result.warnings.first)
    #expect(result.warnings.count == 1)
    #expect(warning.contains("ATTENTION_KERNELS=SSE9") && warning.contains("generic"))
  }
}
