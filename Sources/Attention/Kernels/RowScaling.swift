/// Rows that are copied and multiplied by a factor: target ← factors ∘ x.
package struct RowScaling {
  /// x, `[rows, columns]`, rows `stride` scalars apart.
  let x: UnsafePointer<Float>
  let stride: Int
  let rows: Int
  let columns: Int
  /// Row r has the factor at `r * factorStride`; a stride of 0 means one factor for all rows.
  let factors: UnsafePointer<Float>
  let factorStride: Int
  /// `[rows, columns]`, rows `targetStride` scalars apart.
  let target: UnsafeMutablePointer<Float>
  let targetStride: Int

  package init(
    x: UnsafePointer<Float>, stride: Int, rows: Int, columns: Int, factors: UnsafePointer<Float>,
    factorStride: Int, target: UnsafeMutablePointer<Float>, targetStride: Int
  ) {
    self.x = x
    self.stride = stride
    self.rows = rows
    self.columns = columns
    self.factors = factors
    self.factorStride = factorStride
    self.target = target
    self.targetStride = targetStride
  }
}
