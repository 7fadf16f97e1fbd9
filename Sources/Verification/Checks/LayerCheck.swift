import Attention

/// Each kind of layer with random weights, against the reference backend.
package struct LayerCheck: VerificationCheck {
  package let name = "layers"
  package let summary = "attention, feed-forward, norms, embeddings, rotary, blocks"
  package let caseCount = 180

  package init() {}

  private enum Layer: String, CaseIterable {
    case norm, feedForward = "feed-forward", embedding, vocabulary, rotary
    case selfAttention = "self-attention", crossAttention = "cross-attention"
    case cachedAttention = "attention with a cache", block, decoder = "decoder with caches"
    case cross = "block with cross-attention"
  }

  package func prepare(_ generator: inout CaseGenerator) throws -> PreparedCase {
    var combination = generator.combination
    let kind = combination.pick(Layer.allCases)
    let (heads, headDimension) = (generator.size(1...4), generator.pick([8, 16, 20, 32]))
    let hidden = heads * headDimension
    let tokens = generator.pick([1, generator.size(2...16), generator.size(17...120)])
    let x = try generator.normal([tokens, hidden])
    let mask = generator.pick([AttentionMask.none, .causal, .window(left: 9, right: 4)])
    let lengths = generator.lengths(of: tokens, sequences: generator.pick([1, 2]))
    let options = AttentionOptions(mask: mask, lengths: lengths)
    let m = try generator.normal([generator.size(1...60), 24])
    let encoderLengths = generator.lengths(of: m.shape[0], sequences: lengths.count)
    // The pieces in which a cache receives one sequence.
    let pieces = generator.parts(of: tokens, atMost: 4)

    let body: @Sendable () throws -> Tensor
    switch kind {
    case .norm:
      let norm = try generator.norm(hidden)
      body = { try norm(x) }
    case .feedForward:
      let layer = try generator.feedForward(hidden: hidden)
      body = { try layer(x) }
    case .embedding:
      let tables = try [
        Embedding(weight: generator.normal([40, hidden])),
        Embedding(weight: generator.normal([tokens, hidden])),
      ]
      let ids = (0..<tokens).map { _ in generator.index(below: 40) }
      let norm = try LayerNorm(
        weight: generator.normal([hidden]), bias: generator.normal([hidden]), epsilon: 1e-5)
      body = {
        try embeddingSum([(tables[0], ids), (tables[1], Array(0..<tokens))], norm: norm)
      }
    case .vocabulary:
      let weight = try generator.normal([70, hidden])
      let ids = (0..<tokens).map { _ in generator.index(below: 70) }
      body = {
        let vocabulary = try TokenEmbedding(weight: weight, scale: 2)
        return try vocabulary.output(vocabulary(ids))
      }
    case .rotary:
      let rotary = try generator.rotary(headDimension: headDimension)
      let first = generator.size(0...3_000)
      body = {
        try rotary(
          x.reshaped(to: [tokens, heads, headDimension]), positions: Array(first..<first + tokens))
      }
    case .selfAttention:
      let layer = try generator.attention(
        hidden: hidden, heads: heads, headDimension: headDimension)
      body = { try layer(x, options: options) }
    case .crossAttention:
      let layer = try generator.attention(
        hidden: hidden, heads: heads, headDimension: headDimension, encoderSize: m.shape[1])
      body = {
        try layer(
          x, encoderOutput: m,
          options: AttentionOptions(lengths: lengths, keyLengths: encoderLengths))
      }
    case .cachedAttention:
      let layer = try generator.attention(
        hidden: hidden, heads: heads, headDimension: headDimension)
      body = {
        var cache = try layer.makeCache()
        return try Self.inPieces(of: x, pieces) {
          try layer($0, cache: &cache, options: AttentionOptions(mask: .causal)).output
        }
      }
    case .block:
      let blocks = try Transformer(
        blocks: [
          generator.block(
            hidden: hidden, heads: heads, headDimension: headDimension, mask: mask)
        ], outputNorm: generator.norm(hidden))
      body = { try blocks(x, lengths: lengths).output }
    case .decoder:
      let blocks = try Transformer(
        blocks: (0..<2).map { _ in
          try generator.block(
            hidden: hidden, heads: heads, headDimension: headDimension, mask: .causal)
        })
      body = {
        var caches = try blocks.makeCaches(sequenceCount: 1)
        return try Self.inPieces(of: x, pieces) { try blocks($0, caches: &caches) }
      }
    case .cross:
      let blocks = try Transformer(
        blocks: [
          generator.block(
            hidden: hidden, heads: heads, headDimension: headDimension, mask: .causal,
            encoderSize: m.shape[1])
        ])
      body = {
        let caches = try blocks.makeCrossAttentionCaches(m, lengths: encoderLengths)
        return try blocks(x, lengths: lengths, crossAttentionCaches: caches).output
      }
    }
    let result = try CompositeResult(body)
    let input = "\(kind.rawValue), \(tokens) tokens, \(heads) heads of \(headDimension)"
    return PreparedCase(input) { subject in
      var meter = ErrorMeter()
      result.compare(try subject.scalars(body), &meter)
      return meter
    }
  }

  /// The outputs of consecutive pieces of the rows, one after the other.
  private static func inPieces(
    of x: Tensor, _ pieces: [Int], _ body: (Tensor) throws -> Tensor
  ) throws -> Tensor {
    var (scalars, first, features) = ([Float](), 0, 0)
    for piece in pieces {
      let output = try body(x.rows(first..<first + piece))
      scalars += output.scalars
      features = output.shape[1]
      first += piece
    }
    return try Tensor(shape: [first, features], scalars: scalars)
  }
}
