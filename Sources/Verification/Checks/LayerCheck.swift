import Attention

/// Transformer blocks with random weights, against the reference backend.
struct LayerCheck: VerificationCheck {
  let name = "layers"
  let summary = "attention, feed-forward and norms of a block"
  let caseCount = 40

  /// The bound, as a fraction of the largest output.
  private static let bound = 1e-5

  func measure(
    _ subject: VerificationSubject, _ generator: inout CaseGenerator
  ) throws -> Measurement {
    let (heads, headDimension) = (generator.size(1...4), generator.pick([8, 16, 20, 32]))
    let (hidden, inner) = (heads * headDimension, generator.size(8...300))
    let tokens = generator.size(1...150)
    let activation = generator.pick([Activation.gelu, .silu, .relu, .geluTanh])
    func linear(_ outputs: Int, _ inputs: Int) throws -> Linear {
      let scale = 1 / Float(inputs).squareRoot()
      let weight = try generator.normal([outputs, inputs])
      return try Linear(
        weight: Tensor(shape: weight.shape, scalars: weight.scalars.map { $0 * scale }),
        bias: generator.normal([outputs]))
    }
    let norm = try LayerNorm(
      weight: generator.normal([hidden]), bias: generator.normal([hidden]), epsilon: 1e-6)
    let block = try Transformer(blocks: [
      TransformerBlock(
        attention: MultiHeadAttention(
          query: linear(hidden, hidden), key: linear(hidden, hidden),
          value: linear(hidden, hidden), output: linear(hidden, hidden), headCount: heads),
        attentionNorms: .init(post: .layer(norm)),
        feedForward: FeedForward(
          upProjection: linear(inner, hidden), activation: activation,
          downProjection: linear(hidden, inner)),
        feedForwardNorms: .init(post: .layer(norm)))
    ])
    let x = try generator.normal([tokens, hidden])
    let exact = try withCompute(backend: .reference) {
      try block(x).output.scalars.map(Double.init)
    }
    let found = try withCompute(backend: subject.backend, threads: 2) {
      try block(x).output.scalars
    }
    var meter = ErrorMeter()
    meter.add(found, exact, within: Self.bound * exact.reduce(0) { max($0, abs($1)) })
    return Measurement(
      input: "\(tokens) tokens, hidden \(hidden), \(heads) heads, inner \(inner), \(activation)",
      meter)
  }
}
