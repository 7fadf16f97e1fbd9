import Attention

/// Random arguments and options of the operator.
struct OperatorArguments {
  let queries: Tensor
  let keys: Tensor
  let values: Tensor
  let options: AttentionOptions
  /// The sizes and options, for people.
  let description: String

  /// - Parameter mostScores: the maximum number of scores of all heads.
  init(_ generator: inout CaseGenerator, mostScores: Int) throws {
    let (groups, groupSize) = (generator.size(1...4), generator.pick([1, 1, 2, 4]))
    let heads = groups * groupSize
    let most = max(2, mostScores / heads)
    let queryCount = generator.size(1...200)
    let keyCount = generator.size(1...max(1, min(700, most / queryCount)))
    let dimensions = [1, 3, 8, 17, 32, 40, 64, 80, 96, 128]
    let (dk, dv) = (generator.pick(dimensions), generator.pick(dimensions))
    queries = try generator.normal([queryCount, heads, dk])
    keys = try generator.normal([keyCount, groups, dk])
    values = try generator.normal([keyCount, groups, dv])
    var options = AttentionOptions()
    var names: [String] = []
    let plane: Shape = [queryCount, keyCount]
    switch generator.size(0...6) {
    case 1:
      options.mask = .causal
      names.append("causal")
    case 2:
      options.mask = .window(left: generator.size(0...90), right: generator.size(0...20))
      names.append("window")
    case 3:
      options.mask = .keeping(
        try BooleanTensor(
          shape: plane, elements: generator.normal(plane).scalars.map { $0 > -0.7 }))
      names.append("boolean mask")
    case 4:
      options.mask = .keys(try generator.scalars(keyCount).map { $0 > -1 })
      names.append("key mask")
    default: break
    }
    if generator.oneIn(4) {
      options.bias = try generator.normal(plane)
      names.append("bias")
    }
    if generator.oneIn(5) {
      options.softcap = 5
      names.append("softcap")
    }
    if generator.oneIn(5) {
      options.modifiers = [LinearBias(headCount: heads)]
      names.append("ALiBi")
    }
    if generator.oneIn(5) {
      options.sinks = try generator.normal([heads])
      names.append("sinks")
    }
    if queryCount > 2, keyCount > 2, generator.oneIn(3) {
      let (q, k) = (queryCount / 3, keyCount / 2)
      options.lengths = [q, queryCount - q]
      options.keyLengths = [k, keyCount - k]
      names.append("packed")
    }
    self.options = options
    let sizes = "\(queryCount) × \(keyCount), heads \(heads)/\(groups), dk \(dk), dv \(dv)"
    description = ([sizes] + names).joined(separator: ", ")
  }
}
