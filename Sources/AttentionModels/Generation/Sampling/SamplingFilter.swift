import Attention

/// The logits warpers of sampling: temperature, then top-k, then top-p, then min-p.
///
/// - Source: Fan et al. 2018 (top-k); Holtzman et al. 2019 (top-p); Nguyen et al. 2024 (min-p).
struct SamplingFilter: Sendable {
  private let temperature: Float
  private let topK: Int?
  private let topP: Float
  private let minP: Float
  /// The minimum number of tokens that each filter keeps.
  private let least: Int

  init(_ options: GenerationOptions, least: Int = 1) {
    temperature = options.temperature
    topK = options.topK.map { max($0, least) }
    topP = options.topP
    minP = options.minP
    self.least = least
  }

  /// Samples a token from the logits in `row`, which are divided by the temperature; nil if all are −∞.
  func sample(
    from row: LogitsRow, random: inout SplitMix64, probabilities: inout TokenProbabilities,
    kernels: any Kernels
  ) -> Int? {
    if temperature != 1 { kernels.divide(row, by: temperature) }
    let maximum = kernels.maximum(UnsafeBufferPointer(row))
    guard maximum > -.infinity else { return nil }
    guard
      case .listed(let kept) = keep(
        in: row, maximum: maximum, probabilities: &probabilities, kernels: kernels)
    else { return probabilities.token(at: random.nextUnit()) }
    var left = random.nextUnit() * kept.reduce(0) { $0 + Double($1.value) }
    for entry in kept {
      left -= Double(entry.value)
      if left < 0 { return entry.index }
    }
    return kept.last { $0.value > 0 }?.index
  }

  /// Divides the logits by the temperature, and sets the logits of tokens that the filters remove to −∞.
  func apply(
    to row: LogitsRow, probabilities: inout TokenProbabilities, kernels: any Kernels
  ) {
    if temperature != 1 { kernels.divide(row, by: temperature) }
    let maximum = kernels.maximum(UnsafeBufferPointer(row))
    guard maximum > -.infinity else { return }
    switch keep(in: row, maximum: maximum, probabilities: &probabilities, kernels: kernels) {
    case .all: break
    case .weighted:
      for id in row.indices where probabilities.values[id] == 0 { row[id] = -.infinity }
    case .listed(let kept):
      let logits = kept.map { row[$0.index] }
      row.update(repeating: -.infinity)
      for (entry, logit) in zip(kept, logits) { row[entry.index] = logit }
    }
  }

  /// The tokens that the filters keep.
  private enum Kept {
    /// All tokens; `probabilities` has their probabilities.
    case all
    /// The tokens whose value in `probabilities` is not 0.
    case weighted
    /// These tokens, with unnormalized probabilities.
    case listed([TopK.Entry])
  }

  private func keep(
    in row: LogitsRow, maximum: Float, probabilities: inout TokenProbabilities, kernels: any Kernels
  ) -> Kept {
    let row = UnsafeBufferPointer(row)
    var kept: [TopK.Entry]
    if let topK, topK < row.count {
      kept = mostProbable(topK, in: row, kernels: kernels)
      var values = kept.map(\.value)
      values.withUnsafeMutableBufferPointer { _ = kernels.exponentials($0, minus: maximum) }
      for index in kept.indices { kept[index].value = values[index] }
      if topP < 1 {
        let total = values.reduce(0) { $0 + Double($1) }
        kept = kept.prefix(reaching: Double(topP) * total, atLeast: least)
      }
    } else {
      probabilities.compute(row, maximum: maximum, kernels: kernels)
      guard topP < 1 || minP > 0 else { return .all }
      let nucleus = topP < 1 ? probabilities.topP(topP, atLeast: least, kernels: kernels) : nil
      guard let nucleus else {
        if topP < 1 { probabilities.keepTopP(topP) }
        return keepMinP(&probabilities, kernels: kernels)
      }
      kept = nucleus
    }
    if minP > 0 {
      kept = Array(kept.prefix(least)) + kept.dropFirst(least).filter { $0.value >= minP }
    }
    return .listed(kept)
  }

  /// Sets probabilities below `minP` times the largest to 0.
  private func keepMinP(
    _ probabilities: inout TokenProbabilities, kernels: any Kernels
  ) -> Kept {
    guard minP > 0 else { return .weighted }
    if least > 1 {
      let few = probabilities.values.withUnsafeBufferPointer {
        TopK.find(least, in: $0, kernels: kernels)
      }
      if let last = few.last, last.value < minP { return .listed(few) }
    }
    probabilities.keep(atLeast: minP)
    return .weighted
  }

  /// The `count` most probable tokens, and all tokens that are as probable as the last of them.
  private func mostProbable(
    _ count: Int, in row: UnsafeBufferPointer<Float>, kernels: any Kernels
  ) -> [TopK.Entry] {
    let largest = TopK.find(count + 1, in: row, kernels: kernels)
    guard largest.count > count, largest[count].value == largest[count - 1].value else {
      return Array(largest.prefix(count))
    }
    let least = max(largest[count].value, -.greatestFiniteMagnitude)
    return TopK.all(atLeast: least, in: row, kernels: kernels).sorted(by: TopK.precedes)
  }
}
