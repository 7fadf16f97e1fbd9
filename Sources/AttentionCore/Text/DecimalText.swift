extension String {
  /// `value` with `digits` digits after the decimal point, independent of the locale.
  package init(_ value: some BinaryFloatingPoint, digits: Int) {
    guard value.isFinite else {
      self = "\(value)"
      return
    }
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let units = (abs(Double(value)) * scale).rounded(.toNearestOrAwayFromZero)
    let sign = value < 0 && units > 0 ? "-" : ""
    guard units < 1e15 else {
      self = "\(value)"
      return
    }
    let whole = Int(units) / Int(scale)
    let fraction = "\(Int(units) % Int(scale))"
    let zeros = String(repeating: "0", count: digits - (digits == 0 ? 0 : fraction.utf8.count))
    self = digits == 0 ? "\(sign)\(whole)" : "\(sign)\(whole).\(zeros)\(fraction)"
  }

  /// `value` with two significant digits in a form such as 3.1e-07; 0 for zero.
  package init(scientific value: Double) {
    guard value != 0, value.isFinite else {
      self = value == 0 ? "0" : "\(value)"
      return
    }
    var (digits, exponent) = (value, 0)
    while abs(digits) >= 9.95 { (digits, exponent) = (digits / 10, exponent + 1) }
    while abs(digits) < 0.995 { (digits, exponent) = (digits * 10, exponent - 1) }
    let zero = abs(exponent) < 10 ? "0" : ""
    self = "\(String(digits, digits: 1))e\(exponent < 0 ? "-" : "+")\(zero)\(abs(exponent))"
  }
}
