import Attention
import Synchronization

/// The portable kernels, counting their products: to see who was asked to compute.
final class CountingKernels: Kernels {
  private let products = Atomic(0)

  var productCount: Int { products.load(ordering: .relaxed) }

  func multiply(_ product: MatrixProduct) {
    products.wrappingAdd(1, ordering: .relaxed)
    PortableKernels().multiply(product)
  }
}
