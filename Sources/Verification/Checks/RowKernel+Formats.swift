import Attention

// MARK: Narrow formats

extension RowKernel {
  static let toBFloat16 = narrowing("to bfloat16", .bfloat16, limit: 0x1.FFp127) {
    kernels, row, bits in
    kernels.convertToBFloat16(row, into: bits)
  } widen: { kernels, bits, row in
    kernels.convertFromBFloat16(bits, into: row)
  }

  static let toFloat16 = narrowing("to float16", .float16, limit: 65_520) { kernels, row, bits in
    kernels.convertToFloat16(row, into: bits)
  } widen: { kernels, bits, row in
    kernels.convertFromFloat16(bits, into: row)
  }

  /// Numbers of many sizes, rounded to a format and converted back.
  ///
  /// - Parameter limit: the smallest number that is rounded to infinity, which `narrow` reports.
  private static func narrowing(
    _ name: String, _ format: NarrowFormat, limit: Float,
    narrow:
      @escaping @Sendable (any Kernels, UnsafeBufferPointer<Float>, UnsafeMutablePointer<UInt16>) ->
      Bool,
    widen:
      @escaping @Sendable (any Kernels, UnsafeBufferPointer<UInt16>, UnsafeMutablePointer<Float>) ->
      Void
  ) -> RowKernel {
    RowKernel(
      name: name,
      run: { kernels, row in
        let x = sizes(row)
        var bits = [UInt16](repeating: 0, count: x.count)
        func fits(_ x: [Float]) -> Float {
          let fits = bits.withUnsafeMutableBufferPointer { bits in
            x.withUnsafeBufferPointer { x in bits.baseAddress.map { narrow(kernels, x, $0) } }
          }
          return fits == true ? 1 : 0
        }
        let limits = [[limit.nextDown], [limit], [-limit], [.infinity]].map(fits)
        let fit = fits(x)
        let back = [Float](repeating: .nan, count: x.count).changed { target in
          bits.withUnsafeBufferPointer { bits in
            if let target = target.baseAddress { widen(kernels, bits, target) }
          }
        }
        return back + [fit] + limits
      },
      exact: { row in
        sizes(row).map { (format.rounded($0), 0) } + [1, 1, 0, 0, 1].map { ($0, 0) }
      })
  }

  /// Numbers of many sizes that float16 can hold, with subnormal ones, and numbers in the middle between two
  /// numbers of each format.
  private static func sizes(_ row: Row) -> [Float] {
    let numbers = row.x.indices.map {
      row.x[$0] * Float(sign: .plus, exponent: -($0 % 30), significand: 1)
    }
    let ties = row.x.enumerated().map { index, x in
      let cut: UInt32 = index % 2 == 0 ? 16 : 13
      return Float(bitPattern: (x.bitPattern >> cut) << cut | 1 << (cut - 1))
    }
    return numbers + ties
  }

  /// Every bit pattern of a window of 16-bit patterns as float32.
  static let fromNarrow = RowKernel(
    name: "from 16 bits",
    run: { kernels, row in
      let bits = patterns(row)
      func converted(
        _ widen: (UnsafeBufferPointer<UInt16>, UnsafeMutablePointer<Float>) -> Void
      ) -> [Float] {
        [Float](repeating: .nan, count: bits.count).changed { target in
          bits.withUnsafeBufferPointer { bits in
            if let target = target.baseAddress { widen(bits, target) }
          }
        }
      }
      return converted(kernels.convertFromBFloat16) + converted(kernels.convertFromFloat16)
    },
    exact: { row in
      let bits = patterns(row)
      let bfloat16 = bits.map { Double(Float(bitPattern: UInt32($0) << 16)) }
      let float16 = bits.map { bits in
        let (exponent, fraction) = (Int(bits >> 10 & 31), Double(bits & 1023))
        let size: Double =
          switch exponent {
          case 0: fraction * 0x1p-24
          case 31: fraction == 0 ? .infinity : .nan
          default: (1024 + fraction) * Double(sign: .plus, exponent: exponent - 25, significand: 1)
          }
        return bits >> 15 == 0 ? size : -size
      }
      return (bfloat16 + float16).map { (number: Double) -> Exact in (number, 0) }
    })

  private static func patterns(_ row: Row) -> [UInt16] {
    let start = row.x.first?.bitPattern ?? 0
    return row.x.indices.map { UInt16(truncatingIfNeeded: start &+ UInt32($0) &* 97) }
  }
}
