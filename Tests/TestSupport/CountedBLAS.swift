import Attention
import Synchronization

/// The OpenBLAS backend with two counts: the multiplications that layers and the operator request, and
/// those that calls of sgemm compute.
package final class CountedBLAS: Sendable {
  private let (general, packed, computed, calls) = (Counter(), Counter(), Counter(), Counter())
  private let core: String
  private let multiplier: OpenBLASMultiplier

  /// - Parameter core: the name of the core that the plan sees. The kernels are those of this processor.
  package init(core: String) {
    // Set up the real library first: this must not happen while another instance uses it.
    _ = OpenBLAS.shared
    self.core = core
    multiplier = OpenBLASMultiplier(
      library: OpenBLAS(
        driver: .init(
          threadMode: .pthreads, coreName: { core }, setThreadCount: { _ in },
          selectCore: { _ in false },
          multiply: { [computed, calls] product in
            calls.add(1)
            computed.add(product.m * product.n * product.k)
            OpenBLASLibrary.multiply(product)
          }),
        processor: nil, warn: { _ in }))
    // The self-test has called sgemm.
    computed.reset()
    calls.reset()
  }

  package var backend: Backend {
    Backend(name: "counted \(core)", kernels: NativeKernels(multiplier: Requests(owner: self)))
  }

  /// The multiplications of the requested general products.
  package var generalRequests: Int { general.value }
  /// The multiplications of the requested products with packed weights or cached keys that have more
  /// than one row. Panels count with all of their 32 columns.
  package var packedRequests: Int { packed.value }
  /// The multiplications that sgemm computed.
  package var computedMultiplications: Int { computed.value }
  /// The calls of sgemm.
  package var callCount: Int { calls.value }

  private final class Counter: Sendable {
    private let count = Atomic(0)
    var value: Int { count.load(ordering: .relaxed) }
    func add(_ amount: Int) { count.wrappingAdd(amount, ordering: .relaxed) }
    func reset() { count.store(0, ordering: .relaxed) }
  }

  /// Counts the requests and passes them on.
  private struct Requests: MatrixMultiplier {
    let owner: CountedBLAS

    func multiply(_ product: MatrixProduct, with kernels: NativeKernels) throws {
      if !product.isScaling {
        owner.general.add(product.m * product.n * product.k)
      }
      try owner.multiplier.multiply(product, with: kernels)
    }

    func multiply(_ product: PanelProduct, with kernels: NativeKernels) {
      if product.m > 1 {
        owner.packed.add(product.m * product.panelCount * PanelProduct.width * product.k)
      }
      owner.multiplier.multiply(product, with: kernels)
    }

    func scoreKeys(_ product: CacheProduct, with kernels: NativeKernels) {
      count(product)
      owner.multiplier.scoreKeys(product, with: kernels)
    }

    func addWeightedValues(_ product: CacheProduct, with kernels: NativeKernels) {
      count(product)
      owner.multiplier.addWeightedValues(product, with: kernels)
    }

    func attentionTiles(keyDimension: Int, valueDimension: Int) -> AttentionTiles? {
      owner.multiplier.attentionTiles(
        keyDimension: keyDimension, valueDimension: valueDimension)
    }

    private func count(_ product: CacheProduct) {
      guard product.rows > product.heads else { return }
      owner.packed.add(product.rows * product.keys * product.dimension)
    }
  }
}
