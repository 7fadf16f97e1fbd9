import Attention
import Synchronization

/// Portable kernels that count their products, to show which backend computes.
final class CountingKernels: Kernels {
  private let products = Atomic(0)

  var productCount: Int { products.load(ordering: .relaxed) }

  func multiply(_ product: MatrixProduct) throws {
    products.wrappingAdd(1, ordering: .relaxed)
    try PortableKernels().multiply(product)
  }

  func multiply(_ product: PanelProduct) {
    products.wrappingAdd(1, ordering: .relaxed)
    PortableKernels().multiply(product)
  }

  func scoreKeys(_ product: CacheProduct) {
    products.wrappingAdd(1, ordering: .relaxed)
    PortableKernels().scoreKeys(product)
  }
}
