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

  var loops: any VectorLoops { Loops(kernels: self) }

  /// The portable loops, counting their products too.
  struct Loops: VectorLoops {
    let kernels: CountingKernels

    func multiply(_ product: PanelProduct) {
      kernels.products.wrappingAdd(1, ordering: .relaxed)
      PortableLoops().multiply(product)
    }

    func scoreKeys(_ product: RowProduct) {
      kernels.products.wrappingAdd(1, ordering: .relaxed)
      PortableLoops().scoreKeys(product)
    }
  }
}
