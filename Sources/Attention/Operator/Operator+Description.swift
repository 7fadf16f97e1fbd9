// Descriptions of the operator's options and results: options and shapes on one line.

extension AttentionMask: CustomStringConvertible {
  /// The parts of the mask, joined by `&`, such as
  /// `AttentionMask.causal & .window(left: 127, right: 0)`.
  ///
  /// - Complexity: O(number of parts).
  public var description: String {
    let parts =
      rules.map(\.description) + booleans.map { "keeping(\($0.shape))" }
      + keys.map { "keys(\($0.count) tokens)" }
    guard let first = parts.first else { return "AttentionMask.none" }
    return "AttentionMask.\(first)" + parts.dropFirst().map { " & .\($0)" }.joined()
  }
}

extension AttentionMask.Rule {
  fileprivate var description: String {
    func suffix(_ alignment: AttentionMask.Alignment) -> String? {
      alignment == .bottomRight ? nil : "alignment: .topLeft"
    }
    switch self {
    case .causal(let alignment): return suffix(alignment).map { "causal(\($0))" } ?? "causal"
    case .window(let left, let right, let alignment):
      return DescriptionText.parts(
        "window", "left: \(left.map(String.init) ?? "nil")",
        "right: \(right.map(String.init) ?? "nil")", suffix(alignment))
    case .prefix(let count, let alignment):
      return DescriptionText.parts("prefix", "\(count)", suffix(alignment))
    }
  }
}

extension AttentionOptions: CustomStringConvertible {
  /// The options that differ from the defaults, such as
  /// `AttentionOptions(mask: AttentionMask.causal, lengths: [3, 5, 9])`.
  public var description: String {
    DescriptionText.parts(
      "AttentionOptions", scale.map { "scale: \(DescriptionText.number($0))" },
      softcap.map { "softcap: \(DescriptionText.number($0))" },
      modifiers.isEmpty ? nil : "modifiers: \(DescriptionText.list(modifiers))",
      bias.map { "bias: \($0.shape)" }, mask.isNone ? nil : "mask: \(mask)",
      sinks.map { "sinks: \($0.shape)" }, dropout.map { "dropout: \($0)" },
      lengths.map { "lengths: \(DescriptionText.list($0))" },
      keyLengths.map { "keyLengths: \(DescriptionText.list($0))" })
  }
}

extension AttentionMask {
  fileprivate var isNone: Bool { rules.isEmpty && booleans.isEmpty && keys.isEmpty }
}

extension AttentionResults: CustomStringConvertible {
  /// The results by name, such as `[weights, logSumExp]`.
  public var description: String {
    let names: [(AttentionResults, String)] = [
      (.weights, "weights"), (.logSumExp, "logSumExp"), (.meanWeights, "meanWeights"),
    ]
    let shown = names.filter { contains($0.0) }.map(\.1)
    return "[" + shown.joined(separator: ", ") + "]"
  }
}

extension AttentionResult: CustomStringConvertible {
  /// The shapes, such as `AttentionResult(output: [17, 2, 8], weights: [2, 17, 17])`.
  public var description: String {
    DescriptionText.parts(
      "AttentionResult", "output: \(output.shape)", weights.map { "weights: \($0.shape)" },
      meanWeights.map { "meanWeights: \($0.shape)" }, logSumExp.map { "logSumExp: \($0.shape)" })
  }
}

extension SoftmaxStatistics: CustomStringConvertible {
  /// The shape of both tensors, such as `SoftmaxStatistics([12, 5])`.
  public var description: String { "SoftmaxStatistics(\(maximum.shape))" }
}

extension ScorePosition: CustomStringConvertible {
  /// The properties by name.
  public var description: String { DescriptionText.properties("ScorePosition", of: self) }
}

extension AttentionGradients: CustomStringConvertible {
  /// The shapes, such as `AttentionGradients(queries: [17, 2, 8], keys: [17, 2, 8], values: [17, 2, 8])`.
  public var description: String {
    DescriptionText.parts(
      "AttentionGradients", "queries: \(queries.shape)", "keys: \(keys.shape)",
      "values: \(values.shape)", bias.map { "bias: \($0.shape)" },
      sinks.map { "sinks: \($0.shape)" })
  }
}

extension AttentionWeightBlock: CustomStringConvertible {
  /// The location, such as `AttentionWeightBlock(head 0, queries 0..<64, keys 0..<128)`.
  public var description: String {
    "AttentionWeightBlock(head \(head), queries \(queries), keys \(keys))"
  }
}

extension AttentionDropout: CustomStringConvertible {
  /// The rate and the seed, such as `AttentionDropout(rate 0.1, seed 1)`.
  public var description: String {
    "AttentionDropout(rate \(DescriptionText.number(rate)), seed \(seed))"
  }
}

extension LinearBias: CustomStringConvertible {
  /// The slopes of the heads, such as `LinearBias(slopes [0.5, 0.25])`.
  public var description: String {
    "LinearBias(slopes \(DescriptionText.list(slopes.lazy.map { DescriptionText.number($0) })))"
  }
}

extension RelativePositionBias: CustomStringConvertible {
  /// The sizes, such as `RelativePositionBias(32 buckets, 8 heads, bidirectional, distance ≤ 128)`.
  public var description: String {
    DescriptionText.parts(
      "RelativePositionBias", "\(table.shape[0]) buckets", "\(table.shape[1]) heads",
      isBidirectional ? "bidirectional" : nil, "distance ≤ \(maximumDistance)")
  }
}

extension Softcap: CustomStringConvertible {
  /// The cap, such as `Softcap(30)`.
  var description: String { "Softcap(\(DescriptionText.number(cap)))" }
}

extension TensorBias: CustomStringConvertible {
  /// The shape, such as `TensorBias([8, 5, 5])`.
  var description: String { "TensorBias(\(tensor.shape))" }
}

extension ScoreTile: CustomStringConvertible {
  /// The location, such as `ScoreTile(head 0, queries 0..<64, keys 0..<128)`.
  public var description: String { "ScoreTile(head \(head), queries \(queries), keys \(keys))" }
}
