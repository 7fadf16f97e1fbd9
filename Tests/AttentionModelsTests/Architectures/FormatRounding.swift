import Attention

/// The root mean square of the rounding of a weight by a format, relative to the weight.
func relativeRounding(of format: WeightFormat) -> Double {
  switch format {
  case .float32: 0
  // Rounding errors spread evenly over a spacing, relative to the lower end of a binade.
  case .bfloat16: 0x1p-8 / 3.0.squareRoot()
  case .float16: 0x1p-11 / 3.0.squareRoot()
  // The same, where the largest of some dozens of normal weights is 3.2 times the usual one.
  case .int8, .int8Groups: 3.2 / (127 * 12.0.squareRoot())
  }
}

/// The root mean square of the differences, relative to that of the exact numbers.
func relativeDistance(_ found: Tensor, _ exact: Tensor) -> Double {
  let (found, exact) = (found.scalars.map(Double.init), exact.scalars.map(Double.init))
  let differences = zip(found, exact).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
  return (differences / exact.reduce(0) { $0 + $1 * $1 }).squareRoot()
}
