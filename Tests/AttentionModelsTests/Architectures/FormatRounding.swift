import Attention

/// The root mean square of the rounding of a weight by a format, relative to the weight.
func relativeRounding(of format: WeightFormat) -> Double {
  switch format {
  case .float32: 0
  // Rounding errors are uniform over the spacing of the numbers, relative to the lower end of a binade.
  case .bfloat16: 0x1p-8 / 3.0.squareRoot()
  case .float16: 0x1p-11 / 3.0.squareRoot()
  // Rounding to steps of a group's largest weight / 127; the largest of some dozens of normally distributed
  // weights is about 3.2 standard deviations.
  case .int8, .int8Groups: 3.2 / (127 * 12.0.squareRoot())
  }
}

/// The root mean square of the differences, relative to the root mean square of the exact numbers.
func relativeDistance(_ found: Tensor, _ exact: Tensor) -> Double {
  let (found, exact) = (found.scalars.map(Double.init), exact.scalars.map(Double.init))
  let differences = zip(found, exact).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
  return (differences / exact.reduce(0) { $0 + $1 * $1 }).squareRoot()
}
