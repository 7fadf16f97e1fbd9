import Attention

/// Random arguments and options of the operator. Consecutive seeds go through all combinations of masks,
/// changes to the scores, grouped queries, packed sequences and sinks.
struct OperatorArguments: Sendable {
  let queries: Tensor
  let keys: Tensor
  let values: Tensor
  let options: AttentionOptions
  /// The sizes and options, for people.
  let description: String

  /// The masks, by name.
  private enum Mask: String, CaseIterable {
    case none = "no mask"
    case causal
    case causalTopLeft = "causal top-left"
    case window
    case windowTopLeft = "window top-left"
    case prefix
    case plane = "boolean mask"
    case planes = "boolean mask of each head"
    case keys = "key mask"
    case causalKeys = "causal, key mask"
    case windowPlane = "window, boolean mask"
  }

  /// The changes to the scores, by name.
  private enum Change: String, CaseIterable {
    case none = "no bias"
    case plane = "bias"
    case planes = "bias of each head"
    case linear = "ALiBi"
    case relative = "relative position bias"
    case softcap
    case all = "softcap, ALiBi, bias"
  }

  /// The number of combinations.
  static let combinationCount = Mask.allCases.count * Change.allCases.count * 2 * 2 * 2

  /// - Parameter mostScores: the maximum number of scores of all heads.
  init(_ generator: inout CaseGenerator, mostScores: Int) throws {
    var combination = generator.combination
    let mask = combination.pick(Mask.allCases)
    let change = combination.pick(Change.allCases)
    let isGrouped = combination.pick([false, true])
    let isPacked = combination.pick([false, true])
    let hasSinks = combination.pick([false, true])

    let groups = generator.size(1...4)
    let heads = groups * (isGrouped ? generator.pick([2, 3, 4]) : 1)
    let most = max(2, generator.work(mostScores) / heads)
    // One query and a few queries have paths of their own, with keys in several parts.
    let queryCount = min(
      most,
      generator.pick([1, generator.size(2...8), generator.size(9...200), generator.size(9...200)]))
    let keyCount = generator.size(1...max(1, min(queryCount > 8 ? 700 : 3_000, most / queryCount)))
    let dimensions = [1, 3, 8, 17, 32, 40, 64, 80, 96, 128]
    let (dk, dv) = (generator.pick(dimensions), generator.pick(dimensions))
    queries = try generator.normal([queryCount, heads, dk])
    keys = try generator.normal([keyCount, groups, dk])
    values = try generator.normal([keyCount, groups, dv])

    var options = AttentionOptions(scale: generator.pick([nil, nil, 0.3, -0.2]))
    let plane: Shape = [queryCount, keyCount]
    let planes: Shape = [heads, queryCount, keyCount]
    func booleans(_ shape: Shape) throws -> AttentionMask {
      .keeping(
        try BooleanTensor(
          shape: shape, elements: generator.normal(shape).scalars.map { $0 > -0.7 }))
    }
    func window(_ alignment: AttentionMask.Alignment) -> AttentionMask {
      .window(
        left: generator.pick([nil, 0, generator.size(1...90)]), right: generator.size(0...20),
        alignment: alignment)
    }
    func keyMask() throws -> AttentionMask {
      .keys(try generator.scalars(keyCount).map { $0 > -1 })
    }
    options.mask =
      switch mask {
      case .none: .none
      case .causal: .causal
      case .causalTopLeft: .causal(alignment: .topLeft)
      case .window: window(.bottomRight)
      case .windowTopLeft: window(.topLeft)
      case .prefix:
        .prefix(
          generator.size(0...max(1, keyCount)),
          alignment: generator.pick(AttentionMask.Alignment.allCases))
      case .plane: try booleans(plane)
      case .planes: try booleans(planes)
      case .keys: try keyMask()
      case .causalKeys: AttentionMask.causal.intersection(try keyMask())
      case .windowPlane: window(.bottomRight).intersection(try booleans(plane))
      }
    switch change {
    case .none: break
    case .plane: options.bias = try generator.normal(plane)
    case .planes: options.bias = try generator.normal(planes)
    case .linear: options.modifiers = [try LinearBias(headCount: heads)]
    case .relative:
      let isBidirectional = generator.oneIn(2)
      options.modifiers = [
        try RelativePositionBias(
          table: generator.normal([generator.pick([4, 8, 32]), heads]),
          isBidirectional: isBidirectional, maximumDistance: generator.pick([17, 128]))
      ]
    case .softcap: options.softcap = 5
    case .all:
      options.softcap = 3
      options.modifiers = [try LinearBias(headCount: heads, alignment: .topLeft)]
      options.bias = try generator.normal([1, queryCount, keyCount])
    }
    if hasSinks { options.sinks = try generator.normal([heads]) }
    if isPacked {
      let sequences = generator.pick([2, 3])
      options.lengths = generator.lengths(of: queryCount, sequences: sequences)
      options.keyLengths = generator.lengths(of: keyCount, sequences: sequences)
    }
    self.options = options
    let names =
      [mask.rawValue, change.rawValue] + (hasSinks ? ["sinks"] : [])
      + (options.lengths.map { ["packed \($0) × \(options.keyLengths ?? $0)"] } ?? [])
      + (options.scale.map { ["scale \($0)"] } ?? [])
    let sizes = "\(queryCount) × \(keyCount), heads \(heads)/\(groups), dk \(dk), dv \(dv)"
    description = ([sizes] + names).joined(separator: ", ")
  }

  /// Given arguments.
  init(
    queries: Tensor, keys: Tensor, values: Tensor, options: AttentionOptions, description: String
  ) {
    self.queries = queries
    self.keys = keys
    self.values = values
    self.options = options
    self.description = description
  }
}
