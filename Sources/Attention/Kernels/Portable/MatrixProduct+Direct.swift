extension MatrixProduct {
  /// Whether packing would cost more than it saves: few rows or columns, or little work in all.
  var suitsDirectPath: Bool {
    m <= 8 || (n < 8 && !a.isTransposed) || m * n * k <= 4096
  }

  /// The product without packing.
  ///
  /// Where op(B)'s rows lie contiguous and are long, a row of C is a sum of multiples of them;
  /// otherwise each scalar of C is a dot product of two contiguous vectors, which are gathered
  /// first where they are not.
  func multiplyDirectly() {
    if !b.isTransposed && n >= 8 {
      scaleC()
      addRowMultiples()
    } else {
      Self.withContiguous(a.base, strides: a.strides, count: m, length: k) { left, leftStep in
        let (stride, columnStride) = b.strides
        Self.withContiguous(
          b.base, strides: (columnStride, stride), count: n, length: k
        ) { right, rightStep in
          writeDotProducts(left, leftStep: leftStep, right, rightStep: rightStep)
        }
      }
    }
  }

  /// Lends `count` vectors of `length` scalars, each contiguous: as they lie if they do, else a
  /// copy. The body's second argument is how far apart they start.
  private static func withContiguous(
    _ base: UnsafePointer<Float>, strides: (Int, Int), count: Int, length: Int,
    _ body: (UnsafePointer<Float>, Int) -> Void
  ) {
    guard strides.1 != 1 else { return body(base, strides.0) }
    withUnsafeTemporaryAllocation(of: Float.self, capacity: count * length) { copy in
      guard let start = copy.baseAddress else { return }
      for position in 0..<length {
        for vector in 0..<count {
          (start + vector * length + position)
            .initialize(to: base[vector * strides.0 + position * strides.1])
        }
      }
      body(start, length)
    }
  }

  /// c[i, :] += Σₚ (α · a[i, p]) · b[p, :], 4 rows of B at a time, which serve all rows of C.
  private func addRowMultiples() {
    let (rowStride, stride) = a.strides
    var p = 0
    while p + 4 <= k {
      let rows = b.base + p * b.leadingDimension
      for i in 0..<m {
        let source = a.base + i * rowStride + p * stride
        let factors =
          alpha * SIMD4(source[0], source[stride], source[2 * stride], source[3 * stride])
        Self.add(
          factors, times: rows, leadingDimension: b.leadingDimension,
          to: c + i * cLeadingDimension, count: n)
      }
      p += 4
    }
    while p < k {
      let row = b.base + p * b.leadingDimension
      for i in 0..<m {
        let factor = alpha * a.base[i * rowStride + p * stride]
        let target = c + i * cLeadingDimension
        for j in 0..<n { target[j] += factor * row[j] }
      }
      p += 1
    }
  }

  /// target[j] += Σ factors[q] · rows[q][j] for 4 rows.
  @inline(__always)
  private static func add(
    _ factors: SIMD4<Float>, times rows: UnsafePointer<Float>, leadingDimension: Int,
    to target: UnsafeMutablePointer<Float>, count: Int
  ) {
    let row0 = rows
    let row1 = row0 + leadingDimension
    let row2 = row1 + leadingDimension
    let row3 = row2 + leadingDimension
    let (f0, f1, f2, f3) = (factors[0], factors[1], factors[2], factors[3])
    var j = 0
    while j + 8 <= count {
      let sum =
        f0 * load8(row0 + j) + f1 * load8(row1 + j) + f2 * load8(row2 + j) + f3 * load8(row3 + j)
      store(load8(target + j) + sum, to: target + j)
      j += 8
    }
    while j < count {
      target[j] += f0 * row0[j] + f1 * row1[j] + f2 * row2[j] + f3 * row3[j]
      j += 1
    }
  }

  /// c[i, j] ← α · left[i] · right[j] + β · c[i, j], 4 vectors of `right` at a time.
  private func writeDotProducts(
    _ left: UnsafePointer<Float>, leftStep: Int, _ right: UnsafePointer<Float>, rightStep: Int
  ) {
    var j = 0
    while j + 4 <= n {
      for i in 0..<m {
        let sums = Self.dots(
          left + i * leftStep, right + j * rightStep, rightStep: rightStep, count: k)
        for q in 0..<4 { write(sums[q], to: c + i * cLeadingDimension + j + q) }
      }
      j += 4
    }
    while j < n {
      for i in 0..<m {
        let sum = Self.dot(left + i * leftStep, right + j * rightStep, count: k)
        write(sum, to: c + i * cLeadingDimension + j)
      }
      j += 1
    }
  }

  @inline(__always)
  private func write(_ sum: Float, to target: UnsafeMutablePointer<Float>) {
    let scaled = alpha * sum
    target.pointee = beta == 0 ? scaled : scaled + beta * target.pointee
  }

  /// The dot products of `left` with 4 vectors that start `rightStep` apart.
  @inline(__always)
  private static func dots(
    _ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>, rightStep: Int, count: Int
  ) -> SIMD4<Float> {
    let row0 = right
    let row1 = row0 + rightStep
    let row2 = row1 + rightStep
    let row3 = row2 + rightStep
    var (s0, s1) = (SIMD8<Float>.zero, SIMD8<Float>.zero)
    var (s2, s3) = (SIMD8<Float>.zero, SIMD8<Float>.zero)
    var p = 0
    while p + 8 <= count {
      let a = load8(left + p)
      s0 += a * load8(row0 + p)
      s1 += a * load8(row1 + p)
      s2 += a * load8(row2 + p)
      s3 += a * load8(row3 + p)
      p += 8
    }
    var sums = SIMD4(total(s0), total(s1), total(s2), total(s3))
    while p < count {
      sums += left[p] * SIMD4(row0[p], row1[p], row2[p], row3[p])
      p += 1
    }
    return sums
  }

  @inline(__always)
  private static func dot(
    _ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>, count: Int
  ) -> Float {
    var sums = SIMD8<Float>.zero
    var p = 0
    while p + 8 <= count {
      sums += load8(left + p) * load8(right + p)
      p += 8
    }
    var sum = total(sums)
    while p < count {
      sum += left[p] * right[p]
      p += 1
    }
    return sum
  }
}

@inline(__always)
private func load8(_ source: UnsafePointer<Float>) -> SIMD8<Float> {
  UnsafeRawPointer(source).loadUnaligned(as: SIMD8<Float>.self)
}

@inline(__always)
private func store(_ vector: SIMD8<Float>, to target: UnsafeMutablePointer<Float>) {
  UnsafeMutableRawPointer(target).storeBytes(of: vector, as: SIMD8<Float>.self)
}

/// The sum of the lanes, by halves.
@inline(__always)
private func total(_ vector: SIMD8<Float>) -> Float {
  let four = vector.lowHalf + vector.highHalf
  let two = four.lowHalf + four.highHalf
  return two.x + two.y
}
