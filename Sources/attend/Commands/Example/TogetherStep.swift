import Attention
import Benchmarks

/// The time of a layer for all tokens together, and for one token after the other.
struct TogetherStep: LessonStep {
  static let tokenCount = 256
  static let hiddenSize = 64
  static let headCount = 4
  private static let repetition = Repetition(repetitions: 3, seconds: 0.1)

  /// Two times in seconds, and how the outputs agree.
  struct Times {
    let together: Double
    let inTurn: Double
    /// The largest difference between the outputs.
    let distance: Float

    var ratio: Double { inTurn / together }
  }

  func lines() throws -> [String] {
    let times = try measure()
    var table = Table([.left, .right])
    table.row("all tokens together", "\(String(1e3 * times.together, digits: 2)) ms")
    table.row("one after the other, with a cache", "\(String(1e3 * times.inTurn, digits: 2)) ms")
    table.row("ratio", String(times.ratio, digits: 1))
    return [
      "All at once: \(Self.tokenCount) tokens of \(Self.hiddenSize) features in a layer of \(Self.headCount) "
        + "heads, with a causal mask.",
      "   No token waits for the output of another, so a few large products compute all tokens. The times",
      "   are measured now, on this machine. The outputs differ by at most "
        + "\(String(scientific: Double(times.distance))).",
      "",
    ] + table.lines
  }

  func measure() throws -> Times {
    var generator = BenchGenerator(seed: 1)
    func linear() throws -> Linear {
      // Preserves the variance.
      let deviation = 1 / Float(Self.hiddenSize).squareRoot()
      return try Linear(
        weight: generator.normalTensor([Self.hiddenSize, Self.hiddenSize], deviation: deviation))
    }
    let layer = try MultiHeadAttention(
      query: linear(), key: linear(), value: linear(), output: linear(),
      headCount: Self.headCount)
    let x = try generator.normalTensor([Self.tokenCount, Self.hiddenSize])

    let together = try Self.repetition.durations { _ = try Self.together(layer, x) }.median
    let inTurn = try Self.repetition.durations { _ = try Self.inTurn(layer, x) }.median
    let distance =
      zip(try Self.together(layer, x).scalars, try Self.inTurn(layer, x).scalars)
      .map { abs($0 - $1) }.max() ?? 0
    return Times(together: together, inTurn: inTurn, distance: distance)
  }

  private static func together(_ layer: MultiHeadAttention, _ x: Tensor) throws -> Tensor {
    try layer(x, options: AttentionOptions(mask: .causal))
  }

  /// Each token attends to the keys in the cache, as when a model generates text.
  private static func inTurn(_ layer: MultiHeadAttention, _ x: Tensor) throws -> Tensor {
    var cache = try layer.makeCache()
    var rows: [[Float]] = []
    for token in 0..<tokenCount {
      let result = try layer(
        x.rows(token..<token + 1), cache: &cache, options: AttentionOptions(mask: .causal))
      rows.append(result.output.row(0))
    }
    return try Tensor(rows: rows)
  }
}
