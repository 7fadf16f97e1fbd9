import Attention
import TestSupport
import Testing

/// The position of the norms in a block, and its other options.
enum BlockKind: CaseIterable {
  case postNorm, preNorm, sandwichNorm, crossAttention, parallel, experts, outputNorm

  static let hiddenSize = 24

  func block(
    _ generator: inout SeededGenerator, options: AttentionOptions = AttentionOptions()
  ) throws -> TransformerBlock {
    let hiddenSize = Self.hiddenSize
    func attention(
      encoderHiddenSize: Int = hiddenSize, isNormalized: Bool = false
    ) throws -> MultiHeadAttention {
      try MultiHeadAttention(
        query: generator.linear(from: hiddenSize, to: hiddenSize),
        key: generator.linear(from: encoderHiddenSize, to: 12),
        value: generator.linear(from: encoderHiddenSize, to: 12),
        output: generator.linear(from: hiddenSize, to: hiddenSize), headCount: 4,
        keyValueHeadCount: 2,
        // The output norms of OLMo 2 come with norms over all heads.
        queryNorm: isNormalized
          ? generator.rmsNorm(featureCount: self == .outputNorm ? hiddenSize : 6) : nil,
        keyNorm: isNormalized
          ? generator.rmsNorm(featureCount: self == .outputNorm ? 12 : 6) : nil)
    }
    func norms() throws -> TransformerBlock.Norms {
      switch self {
      case .postNorm: try .init(post: .layer(generator.layerNorm(featureCount: hiddenSize)))
      case .preNorm, .crossAttention, .parallel:
        try .init(pre: .rms(generator.rmsNorm(featureCount: hiddenSize)))
      case .outputNorm: try .init(sandwich: .rms(generator.rmsNorm(featureCount: hiddenSize)))
      case .experts:
        try .init(
          pre: .rms(generator.rmsNorm(featureCount: hiddenSize)),
          sandwich: .rms(generator.rmsNorm(featureCount: hiddenSize)),
          post: .rms(generator.rmsNorm(featureCount: hiddenSize)))
      case .sandwichNorm:
        try .init(
          pre: .rms(generator.rmsNorm(featureCount: hiddenSize)),
          sandwich: .layer(generator.layerNorm(featureCount: hiddenSize)))
      }
    }
    func feedForward() throws -> FeedForward {
      try FeedForward(
        upProjection: generator.linear(from: hiddenSize, to: 50),
        gateProjection: self == .preNorm ? nil : generator.linear(from: hiddenSize, to: 50),
        activation: .silu,
        downProjection: generator.linear(from: 50, to: hiddenSize))
    }
    func feedForwardLayer() throws -> FeedForwardLayer {
      guard self == .experts else { return .dense(try feedForward()) }
      return .experts(
        try MixtureOfExperts(
          router: generator.linear(from: hiddenSize, to: 3),
          experts: (0..<3).map { _ in try feedForward() }, activeCount: 2, normalizesWeights: true))
    }
    return try TransformerBlock(
      attention: attention(isNormalized: self == .sandwichNorm || self == .outputNorm),
      attentionNorms: norms(),
      options: options,
      crossAttention: self == .crossAttention ? attention(encoderHiddenSize: 10) : nil,
      crossNorms: self == .crossAttention ? norms() : .init(),
      feedForward: feedForwardLayer(), feedForwardNorms: norms(),
      residualScale: self == .parallel || self == .sandwichNorm ? 0.4 : 1,
      isParallel: self == .parallel)
  }

  /// A transformer of two such blocks, and projected encoder outputs of these lengths.
  func transformer(
    encoderLengths: [Int], options: AttentionOptions = AttentionOptions()
  ) throws -> (Transformer, encoderOutput: Tensor?, crossAttentionCaches: [KeyValueCache]) {
    var generator = SeededGenerator(seed: 14)
    let transformer = try Transformer(
      blocks: (0..<2).map { _ in try block(&generator, options: options) },
      outputNorm: self == .postNorm ? nil : .rms(generator.rmsNorm(featureCount: Self.hiddenSize)))
    guard self == .crossAttention else { return (transformer, nil, []) }
    let encoderOutput = try generator.normalTensor([encoderLengths.reduce(0, +), 10])
    return (
      transformer, encoderOutput,
      try transformer.makeCrossAttentionCaches(encoderOutput, lengths: encoderLengths)
    )
  }
}

@Suite struct TransformerBlockTests {
  @Test(arguments: BlockKind.allCases, Backend.all)
  func `every kind of block is as accurate as naive single precision`(
    kind: BlockKind, backend: Backend
  ) throws {
    let (transformer, encoderOutput, crossAttentionCaches) = try kind.transformer(encoderLengths: [
      7
    ])
    var generator = SeededGenerator(seed: 15)
    let x = try generator.normalTensor([19, BlockKind.hiddenSize])
    func naive<Scalar: BinaryFloatingPoint>() -> [[Scalar]] {
      var rows = NaiveLayers<Scalar>.rows(x)
      var encoderRows: [[Scalar]]?
      if let encoderOutput { encoderRows = NaiveLayers.rows(encoderOutput) }
      for block in transformer.blocks {
        rows = NaiveLayers.block(block, rows, encoderOutput: encoderRows)
      }
      return NaiveLayers.norm(transformer.outputNorm, rows)
    }
    let before = x.scalars
    for threads in [1, 2] {
      let y = try withCompute(backend: backend, threads: threads) {
        try transformer(x, crossAttentionCaches: crossAttentionCaches).output
      }
      #expect(y.shape == x.shape)
      #expect(isAsExactAsNaive(y, exact: naive(), naive: naive()))
    }
    #expect(x.scalars == before)
  }

  @Test(arguments: BlockKind.allCases)
  func `a packed batch gives the same results as single sequences`(kind: BlockKind) throws {
    let (transformer, encoderOutput, crossAttentionCaches) = try kind.transformer(encoderLengths: [
      3, 1, 4,
    ])
    var generator = SeededGenerator(seed: 16)
    let x = try generator.normalTensor([12, BlockKind.hiddenSize])
    let result = try transformer(
      x, lengths: [5, 0, 7], crossAttentionCaches: crossAttentionCaches, returning: .weights)
    func alone(_ rows: Range<Int>, encoderRows: Range<Int>) throws -> [Float] {
      let crossAttentionCaches =
        try encoderOutput.map { try transformer.makeCrossAttentionCaches($0.rows(encoderRows)) }
        ?? []
      return try transformer(x.rows(rows), crossAttentionCaches: crossAttentionCaches).output
        .scalars
    }
    let parts = try alone(0..<5, encoderRows: 0..<3) + alone(5..<12, encoderRows: 4..<8)
    #expect(largestDistance(result.output.scalars, parts.map(Double.init)) < 1e-5)
    #expect(result.layers.map(\.weights?.shape) == [[4, 12, 12], [4, 12, 12]])
  }

  @Test func `norms at different positions give different results`() throws {
    var generator = SeededGenerator(seed: 17)
    let x = try generator.normalTensor([4, BlockKind.hiddenSize])
    let outputs = try [BlockKind.postNorm, .preNorm, .sandwichNorm].map {
      try $0.transformer(encoderLengths: []).0(x).output.scalars
    }
    for (one, other) in [(0, 1), (0, 2), (1, 2)] {
      #expect(largestDistance(outputs[one], outputs[other].map(Double.init)) > 0.1)
    }
  }
}
