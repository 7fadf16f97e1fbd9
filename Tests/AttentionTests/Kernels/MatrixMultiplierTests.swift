import Attention
import Synchronization
import TestSupport
import Testing

/// The SIMD multiplier, with a count of its products.
private final class CountingMultiplier: MatrixMultiplier {
  let general = Atomic(0)
  let panels = Atomic(0)

  func multiply(_ product: MatrixProduct, with kernels: NativeKernels) throws {
    general.wrappingAdd(1, ordering: .relaxed)
    try SIMDMultiplier().multiply(product, with: kernels)
  }

  func multiply(_ product: PanelProduct, with kernels: NativeKernels) {
    panels.wrappingAdd(1, ordering: .relaxed)
    SIMDMultiplier().multiply(product, with: kernels)
  }
}

/// The multiplier of the native kernels computes every product of float32 matrices.
@Suite struct MatrixMultiplierTests {
  private let multiplier = CountingMultiplier()
  private var backend: Backend {
    Backend(name: "counting", kernels: NativeKernels(multiplier: multiplier))
  }
  private var general: Int { multiplier.general.load(ordering: .relaxed) }
  private var panels: Int { multiplier.panels.load(ordering: .relaxed) }

  @Test func `layers and the operator use the multiplier for packed matrices`() throws {
    let x = try ModifierTests.noise([40, 24], seed: 1)
    let layer = try Linear(weight: try ModifierTests.noise([16, 24], seed: 2))
    let output = try withCompute(backend: backend, threads: 1) { try layer(x) }
    #expect(panels > 0)
    #expect(try withCompute(backend: .native, threads: 1) { try layer(x) } == output)

    let before = panels
    let arguments = try OperatorCase(queryCount: 70, keyCount: 70).arguments()
    func attended(on backend: Backend) throws -> Tensor {
      try withCompute(backend: backend, threads: 1) {
        try attention(
          queries: arguments.queries, keys: arguments.keys, values: arguments.values)
      }
    }
    #expect(try attended(on: backend) == attended(on: .native))
    #expect(panels > before && general == 0)
  }

  @Test func `gradients and general products use the multiplier`() throws {
    let x = try GradientCase(OperatorCase(queryCount: 20, keyCount: 30))
    _ = try withCompute(threads: 1) { try x.gradients(on: backend) }
    let before = general
    #expect(before > 0)
    let left = try ModifierTests.noise([9, 20], seed: 3).matrix()
    let right = try ModifierTests.noise([20, 11], seed: 4).matrix()
    let product = try matrixProduct(left, right, on: backend)
    #expect(general == before + 1)
    #expect(try matrixProduct(left, right, on: .native) == product)
  }

  @Test func `weights in a narrow format use the kernels of their format`() throws {
    let x = try ModifierTests.noise([40, 24], seed: 1)
    let layer = try Linear(weight: try ModifierTests.noise([16, 24], seed: 2), format: .float16)
    _ = try withCompute(backend: backend, threads: 1) { try layer(x) }
    #expect(panels == 0 && general == 0)
  }
}
