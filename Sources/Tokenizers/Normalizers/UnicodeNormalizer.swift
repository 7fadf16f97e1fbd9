/// The Unicode normalization forms NFD, NFC, NFKD and NFKC.
///
/// - Source: Unicode Standard Annex #15.
struct UnicodeNormalizer: Normalizer {
  let isCompatible: Bool
  let composes: Bool

  /// Scalars below this one never change, regardless of their neighbors.
  private var firstUnstable: UInt32 {
    if isCompatible { return 0xA0 }
    return composes ? 0x300 : 0xC0
  }

  func normalize(_ text: inout NormalizedText) {
    if text.bytes.allSatisfy({ $0 < 0x80 }) { return }
    let limit = firstUnstable
    var result = NormalizedText()
    var done = 0
    var index = 0
    /// The start of the last scalar below `limit`: it may compose with the scalars after it.
    var last = 0
    var cancellation = CancellationSteps()
    while index < text.bytes.count, !cancellation.isRequested() {
      let (scalar, count) = decodeScalar(text.bytes, at: index)
      if scalar < limit {
        last = index
        index += count
        continue
      }
      var end = index
      while end < text.bytes.count, !cancellation.isRequested() {
        let (scalar, count) = decodeScalar(text.bytes, at: end)
        if scalar < limit { break }
        end += count
      }
      if done == 0 { result.reserveCapacity(text.bytes.count + text.bytes.count / 4) }
      let start = max(last, done)
      result.append(text, done..<start)
      appendNormalized(text, start..<end, to: &result)
      done = end
      last = end
      index = end
    }
    guard done > 0 else { return }
    result.append(text, done..<text.bytes.count)
    text = result
  }

  private func appendNormalized(
    _ text: NormalizedText, _ range: Range<Int>, to result: inout NormalizedText
  ) {
    var part = NormalizedText()
    part.append(text, range)
    var scalars = AlignedScalars(part)
    let decomposed = AlignedScalars.decompose(scalars.scalars, isCompatible: isCompatible)
    scalars.apply(composes ? AlignedScalars.compose(decomposed) : decomposed)
    let normalized = scalars.text
    result.append(normalized, 0..<normalized.bytes.count)
  }
}

extension AlignedScalars {
  /// Decomposes fully, in canonical order.
  mutating func decompose(isCompatible: Bool) {
    apply(Self.decompose(scalars, isCompatible: isCompatible))
  }

  static func decompose(_ scalars: [UInt32], isCompatible: Bool) -> [Change] {
    let unicode = UnicodeData.shared
    var result: [Change] = []
    result.reserveCapacity(scalars.count)
    /// The start of the scalars that are not sorted yet, and whether they are already in order.
    var pending = 0
    var isOrdered = true
    var lastClass: UInt8 = 0

    func sortPending() {
      if !isOrdered {
        let run = result[pending...]
        let order = run.indices.sorted { left, right in
          let leftClass = unicode[result[left].scalar].combiningClass
          let rightClass = unicode[result[right].scalar].combiningClass
          return leftClass == rightClass ? left < right : leftClass < rightClass
        }
        result.replaceSubrange(pending..., with: order.map { result[$0] })
      }
      pending = result.count
      isOrdered = true
      lastClass = 0
    }
    func push(_ scalar: UInt32, _ change: Int) {
      let record = unicode[scalar]
      if record.combiningClass == 0 {
        sortPending()
      } else {
        if record.combiningClass < lastClass { isOrdered = false }
        lastClass = record.combiningClass
      }
      result.append(Change(scalar: scalar, change: change))
      if record.combiningClass == 0 { pending = result.count }
    }

    var cancellation = CancellationSteps()
    for scalar in scalars {
      if cancellation.isRequested() { break }
      let record = unicode[scalar]
      if record.properties.contains(.hangulSyllable) {
        let (first, second, third) = Hangul.decomposition(scalar)
        push(first, 0)
        push(second, 1)
        if let third { push(third, 1) }
        continue
      }
      let parts: ArraySlice<UInt32> =
        if isCompatible, record.properties.contains(.decomposesCompatibly) {
          unicode.compatible(record)
        } else {
          unicode.canonical(record)
        }
      if parts.isEmpty {
        push(scalar, 0)
      } else {
        for (index, part) in parts.enumerated() { push(part, index == 0 ? 0 : 1) }
      }
    }
    sortPending()
    return result
  }

  /// Composes scalars that are in canonical order.
  static func compose(_ decomposed: [Change]) -> [Change] {
    let unicode = UnicodeData.shared
    var result: [Change] = []
    result.reserveCapacity(decomposed.count)
    /// Index of the last scalar of combining class 0; following scalars may compose with it.
    var starter: Int?
    /// Combining class of the last scalar after the starter that did not compose with it.
    var blockingClass: UInt8?
    var cancellation = CancellationSteps()
    for next in decomposed {
      if cancellation.isRequested() { break }
      let nextClass = unicode[next.scalar].combiningClass
      if let index = starter, blockingClass.map({ $0 < nextClass }) ?? true,
        let composite = unicode.composition(result[index].scalar, next.scalar)
      {
        result[index].scalar = composite
        result[index].change += next.change - 1
        continue
      }
      if nextClass == 0 {
        starter = result.count
        blockingClass = nil
      } else if starter != nil {
        blockingClass = nextClass
      }
      result.append(next)
    }
    return result
  }
}
