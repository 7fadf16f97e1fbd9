import Attention
import TestSupport
import Testing

/// Gradients: the reference against central differences, the tiles against the reference.
@Suite struct GradientTests {
  @Test(arguments: ModifierTests.options.indices)
  func `the reference's gradients equal central differences`(index: Int) throws {
    let shape = OperatorCase(
      queryCount: 3, keyCount: 4, headCount: 6, keyValueHeadCount: 3, keyDimension: 3,
      valueDimension: 2)
    var options = try ModifierTests.options[index].make(3, 4)
    options.lengths = [2, 1]
    options.keyLengths = [3, 1]
    let x = try shape.arguments()
    let outputGradient = try ModifierTests.noise([3, 6, 2], seed: 12)
    let slopes = outputGradient.scalars.map { Double($0) }
    let gradients = try ReferenceGradients<Double>(
      of: outputGradient, queries: x.queries, keys: x.keys, values: x.values, options: options)

    /// The loss Σ dO ∘ O after a change to the arguments.
    func loss(
      options: AttentionOptions = options,
      _ change: (inout ReferenceAttention.Arguments) -> Void = { _ in }
    ) throws -> Double {
      var arguments = try ReferenceAttention.Arguments(
        queries: x.queries, keys: x.keys, values: x.values, sinks: options.sinks?.scalars)
      change(&arguments)
      let output = try ReferenceAttention(
        queries: x.queries, keys: x.keys, values: x.values, options: options,
        replacedBy: arguments
      ).output
      return zip(output, slopes).reduce(0) { $0 + $1.0 * $1.1 }
    }
    func check(
      _ name: String, _ gradient: [Double], loss: (_ index: Int, _ step: Double) throws -> Double
    ) throws {
      let largest = gradient.reduce(1e-3) { max($0, abs($1)) }
      let step = 1e-5
      for index in gradient.indices {
        let difference = try (loss(index, step) - loss(index, -step)) / (2 * step)
        #expect(abs(difference - gradient[index]) <= 1e-6 * largest, "\(name) [\(index)]")
      }
    }
    func check(
      _ name: String, _ gradient: [Double],
      _ change: (inout ReferenceAttention.Arguments, Int, Double) -> Void
    ) throws {
      try check(name, gradient) { index, step in try loss { change(&$0, index, step) } }
    }
    try check("queries", gradients.queries) { $0.queries[$1] += $2 }
    try check("keys", gradients.keys) { $0.keys[$1] += $2 }
    try check("values", gradients.values) { $0.values[$1] += $2 }
    if let tensor = options.bias {
      // The bias is added last, so a modifier at the end can add the step.
      try check("bias", try #require(gradients.bias)) { index, step in
        var stepped = options
        stepped.modifiers.append(BiasStep(shape: tensor.shape, index: index, step: step))
        return try loss(options: stepped)
      }
    }
    for (place, modifier) in options.modifiers.enumerated() {
      guard let relative = modifier as? RelativePositionBias else {
        #expect(gradients.modifiers[place] == nil)
        continue
      }
      try check("modifier \(place)", try #require(gradients.modifiers[place])) { index, step in
        var stepped = options
        stepped.modifiers.insert(try TableStep(relative, index: index, step: step), at: place)
        return try loss(options: stepped)
      }
    }
    if let sinks = gradients.sinks { try check("sinks", sinks) { $0.sinks?[$1] += $2 } }
  }

  @Test(arguments: ModifierTests.options.indices, fastBackends)
  func `the tiles' gradients are as accurate as naive ones under every score change`(
    index: Int, backend: Backend
  ) throws {
    for (queryCount, keyCount) in [(1, 1), (7, 5), (130, 300)] {
      let shape = OperatorCase(
        queryCount: queryCount, keyCount: keyCount, headCount: 6, keyValueHeadCount: 3,
        keyDimension: 8, valueDimension: 5)
      try expectReference(
        shape, ModifierTests.options[index].make(queryCount, keyCount), backend,
        "\(ModifierTests.options[index].name), \(shape)")
    }
  }

  @Test(arguments: MaskTests.masks.indices, fastBackends)
  func `the tiles' gradients are as accurate as naive ones under every mask, packed`(
    index: Int, backend: Backend
  ) throws {
    let (lengths, keyLengths) = ([3, 0, 1, 140, 7], [4, 2, 0, 130, 7])
    let shape = OperatorCase(
      queryCount: 151, keyCount: 143, headCount: 2, keyValueHeadCount: 1, keyDimension: 6,
      valueDimension: 4)
    let options = AttentionOptions(
      mask: try MaskTests.masks[index].mask(2, 151, 143), lengths: lengths,
      keyLengths: keyLengths)
    try expectReference(shape, options, backend, MaskTests.masks[index].name)
  }

  @Test(arguments: fastBackends)
  func `hidden NaN and infinity leave every gradient finite`(backend: Backend) throws {
    let shape = OperatorCase(queryCount: 5, keyCount: 6, keyDimension: 4, valueDimension: 4)
    let clean = try shape.arguments()
    var dirty = clean
    try dirty.keys.set(.nan, at: 2, 0, 1)
    try dirty.values.set(.infinity, at: 2, 1, 3)
    let options = AttentionOptions(
      bias: try ModifierTests.noise([5, 6], seed: 2), mask: .keys((0..<6).map { $0 != 2 }))
    let outputGradient = try ModifierTests.noise([5, 2, 4], seed: 3)
    func gradients(_ x: OperatorCase.Arguments, _ backend: Backend) throws -> AttentionGradients {
      try attentionGradients(
        of: outputGradient, queries: x.queries, keys: x.keys, values: x.values,
        options: options, on: backend)
    }
    let (expected, found) = (try gradients(clean, .reference), try gradients(dirty, backend))
    for part in [\AttentionGradients.queries, \.keys, \.values] {
      let exact = expected[keyPath: part].scalars.map { Double($0) }
      #expect(largestDistance(found[keyPath: part].scalars, exact) < 1e-5)
    }
    let exactBias = try #require(expected.bias).scalars.map { Double($0) }
    #expect(largestDistance(try #require(found.bias).scalars, exactBias) < 1e-5)
  }

  @Test(arguments: fastBackends)
  func `where one key has all the weight, the scores' gradients are exactly zero`(
    backend: Backend
  ) throws {
    let x = try OperatorCase(queryCount: 140, keyCount: 140).arguments()
    let gradients = try attentionGradients(
      of: try ModifierTests.noise([140, 2, 16], seed: 1), queries: x.queries, keys: x.keys,
      values: x.values,
      options: AttentionOptions(
        bias: try ModifierTests.noise([140, 140], seed: 2), mask: .window(left: 0, right: 0)),
      on: backend)
    for gradient in [gradients.queries, gradients.keys, try #require(gradients.bias)] {
      #expect(gradient.scalars.allSatisfy { $0 == 0 })
    }
  }

  @Test func `a query without visible keys has a gradient of zeros`() throws {
    let x = try OperatorCase(queryCount: 3, keyCount: 2).arguments()
    let gradients = try attentionGradients(
      of: try ModifierTests.noise([3, 2, 16], seed: 1), queries: x.queries, keys: x.keys,
      values: x.values, options: AttentionOptions(mask: .causal))
    #expect(try gradients.queries.rows(0..<1).scalars.allSatisfy { $0 == 0 })
  }

  @Test func `arguments that do not fit throw an error`() throws {
    let x = try OperatorCase(queryCount: 3, keyCount: 2).arguments()
    let fitting = try Tensor(shape: [3, 2, 16], repeating: 1)
    let wrong = try Tensor(shape: [3, 2, 15], repeating: 1)
    let shapeError = #expect(throws: AttentionError.self) {
      try attentionGradients(
        of: wrong, queries: x.queries, keys: x.keys, values: x.values)
    }
    #expect("\(String(describing: shapeError))".contains("output gradient"))
    let resultError = #expect(throws: AttentionError.self) {
      try attentionGradients(
        of: fitting, queries: x.queries, keys: x.keys, values: x.values,
        result: AttentionResult(output: fitting))
    }
    #expect("\(String(describing: resultError))".contains("log-sum-exp"))
  }

  private func expectReference(
    _ shape: OperatorCase, _ options: AttentionOptions, _ backend: Backend, _ name: String
  ) throws {
    let gradientCase = try GradientCase(
      shape.arguments(), options: options,
      outputGradient: ModifierTests.noise(
        [shape.queryCount, shape.headCount, shape.valueDimension], seed: 12))
    try gradientCase.expectNaiveError(of: gradientCase.gradients(on: backend), name)
  }
}

/// A change to one number of an additive tensor.
private struct BiasStep: ScoreBias {
  let shape: Shape
  let index: Int
  let step: Double

  func bias(at position: ScorePosition) -> Double {
    let (queryCount, keyCount) = (shape[shape.rank - 2], shape[shape.rank - 1])
    let plane = shape.rank == 3 && shape[0] > 1 ? position.head : 0
    let place = (plane * queryCount + position.packedQuery) * keyCount + position.packedKey
    return place == index ? step : 0
  }
}

/// A change to one number of the table of a relative position bias.
private struct TableStep: ScoreBias {
  let unit: RelativePositionBias
  let step: Double

  init(_ bias: RelativePositionBias, index: Int, step: Double) throws {
    var scalars = [Float](repeating: 0, count: bias.table.count)
    scalars[index] = 1
    unit = try RelativePositionBias(
      table: Tensor(shape: bias.table.shape, scalars: scalars),
      isBidirectional: bias.isBidirectional, maximumDistance: bias.maximumDistance,
      alignment: bias.alignment)
    self.step = step
  }

  func bias(at position: ScorePosition) -> Double { step * unit.bias(at: position) }
}
