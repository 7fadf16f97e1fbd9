import Attention

/// Draws tokens: temperature, then top-k, then top-p, then min-p.
///
/// - Source: Fan et al. 2018 (top-k); Holtzman et al. 2019 (top-p); Nguyen et al. 2024 (min-p).
struct TokenSampler: Sendable {
  private let temperature: Float
  private let topK: Int?
  private let topP: Float
  private let minP: Float
  /// As many tokens as remain whatever the filters say.
  private let least: Int

  init(_ options: GenerationOptions, least: Int = 1) {
    temperature = options.temperature
    topK = options.topK.map { max($0, least) }
    topP = options.topP
    minP = options.minP
    self.least = least
  }

  /// Draws a token from the logits in `row`, which are changed; nil where all are −∞.
  func draw(
    from row: LogitsRow, random: inout RandomSource, weights: inout TokenWeights,
    loops: any VectorLoops
  ) -> Int? {
    if temperature != 1 { loops.divide(row, by: temperature) }
    let maximum = loops.maximum(UnsafeBufferPointer(row))
    guard maximum > -.infinity else { return nil }
    guard let kept = kept(in: row, maximum: maximum, weights: &weights, loops: loops) else {
      return weights.token(at: random.nextUnit())
    }
    var left = random.nextUnit() * kept.reduce(0) { $0 + Double($1.value) }
    for entry in kept {
      left -= Double(entry.value)
      if left < 0 { return entry.index }
    }
    return kept.last { $0.value > 0 }?.index
  }

  /// Divides the logits by the temperature, and makes those −∞ that the filters leave out.
  func filter(_ row: LogitsRow, weights: inout TokenWeights, loops: any VectorLoops) {
    if temperature != 1 { loops.divide(row, by: temperature) }
    let maximum = loops.maximum(UnsafeBufferPointer(row))
    guard maximum > -.infinity,
      let kept = kept(in: row, maximum: maximum, weights: &weights, loops: loops)
    else { return }
    let logits = kept.map { row[$0.index] }
    row.update(repeating: -.infinity)
    for (entry, logit) in zip(kept, logits) { row[entry.index] = logit }
  }

  /// The weights that the filters leave, not divided by their sum; nil where none filters: `weights`
  /// then holds them all.
  private func kept(
    in row: LogitsRow, maximum: Float, weights: inout TokenWeights, loops: any VectorLoops
  ) -> [LargestScalars.Entry]? {
    let row = UnsafeBufferPointer(row)
    var kept: [LargestScalars.Entry]
    if let topK, topK < row.count {
      kept = likeliest(topK, in: row, loops: loops)
      var values = kept.map(\.value)
      values.withUnsafeMutableBufferPointer { _ = loops.exponentials($0, minus: maximum) }
      for index in kept.indices { kept[index].value = values[index] }
      if topP < 1 {
        let total = values.reduce(0) { $0 + Double($1) }
        kept = kept.keeping(Double(topP) * total, atLeast: least)
      }
    } else {
      weights.compute(row, maximum: maximum, loops: loops)
      if topP < 1 {
        kept = weights.heaviest(topP, atLeast: least, loops: loops)
      } else if minP > 0 {
        kept = weights.values.withUnsafeBufferPointer {
          LargestScalars.all(atLeast: minP, in: $0, loops: loops)
        }
        if kept.count < least {
          kept = weights.values.withUnsafeBufferPointer {
            LargestScalars.find(least, in: $0, loops: loops)
          }
        }
        return kept
      } else {
        return nil
      }
    }
    if minP > 0 {
      let enough = kept.prefix(least)
      kept = enough + kept.dropFirst(least).filter { $0.value >= minP }
    }
    return kept
  }

  /// The `count` likeliest tokens with all that are as likely as the last of them.
  private func likeliest(
    _ count: Int, in row: UnsafeBufferPointer<Float>, loops: any VectorLoops
  ) -> [LargestScalars.Entry] {
    let largest = LargestScalars.find(count + 1, in: row, loops: loops)
    guard largest.count > count, largest[count].value == largest[count - 1].value else {
      return largest.prefix(count).sorted(by: TokenWeights.precedes)
    }
    let least = max(largest[count].value, -.greatestFiniteMagnitude)
    return LargestScalars.all(atLeast: least, in: row, loops: loops)
      .sorted(by: TokenWeights.precedes)
  }
}
