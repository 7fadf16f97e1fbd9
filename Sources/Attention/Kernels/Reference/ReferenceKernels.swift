/// Matrix products as their formula, in Double: what the fast ones are held against.
package struct ReferenceKernels: Kernels {
  package init() {}

  package func multiply(_ product: MatrixProduct) {
    let (a, b) = (product.a, product.b)
    for i in 0..<product.m {
      for j in 0..<product.n {
        var sum = 0.0
        if product.alpha != 0 {
          for l in 0..<product.k {
            let left = a.base[
              a.isTransposed ? l * a.leadingDimension + i : i * a.leadingDimension + l]
            let right = b.base[
              b.isTransposed ? j * b.leadingDimension + l : l * b.leadingDimension + j]
            sum += Double(left) * Double(right)
          }
        }
        let target = product.c + i * product.cLeadingDimension + j
        // α = 0 and β = 0 do not look at what they multiply.
        let scaled = product.alpha == 0 ? 0 : Double(product.alpha) * sum
        let kept = product.beta == 0 ? 0 : Double(product.beta) * Double(target.pointee)
        target.pointee = Float(scaled + kept)
      }
    }
  }

  package var loops: any VectorLoops { ReferenceLoops() }
}
