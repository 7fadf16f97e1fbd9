import Attention
import Foundation
import TestSupport
import Testing

/// The descriptions of layers, masks, options and results.
struct DescriptionTests {
  private func linear(
    _ input: Int, _ output: Int, bias: Bool = true, format: WeightFormat = .float32
  ) throws -> Linear {
    try Linear(
      weight: Tensor(shape: [output, input], repeating: 0.5),
      bias: bias ? Tensor(shape: [output], repeating: 0) : nil, format: format)
  }

  private func attentionLayer(keyValueHeads: Int = 2) throws -> MultiHeadAttention {
    try MultiHeadAttention(
      query: linear(8, 8), key: linear(8, 4 * keyValueHeads), value: linear(8, 4 * keyValueHeads),
      output: linear(8, 8), headCount: 2, keyValueHeadCount: keyValueHeads)
  }

  @Test func `layers show their sizes`() throws {
    #expect("\(try linear(768, 3072))" == "Linear(768 → 3072, bias)")
    #expect("\(try linear(3, 5, bias: false, format: .int8))" == "Linear(3 → 5, int8)")
    let table = try Tensor(shape: [30, 8], repeating: 0)
    #expect("\(try Embedding(weight: table))" == "Embedding(30 × 8)")
    #expect("\(try TokenEmbedding(weight: table, format: .float32))" == "TokenEmbedding(30 × 8)")
    let (ones, zeros) = (try Tensor(shape: [8], repeating: 1), try Tensor(shape: [8], repeating: 0))
    let layerNorm = try LayerNorm(weight: ones, bias: zeros, epsilon: 1e-12)
    #expect("\(layerNorm)" == "LayerNorm(8, epsilon 1e-12)")
    let rmsNorm = try RMSNorm(weight: ones, epsilon: 1e-5)
    #expect("\(Norm.rms(rmsNorm))" == "RMSNorm(8, epsilon 1e-05)")
    #expect("\(try attentionLayer())" == "MultiHeadAttention(8 → 8, 2 heads × 4)")
    #expect(
      "\(try attentionLayer(keyValueHeads: 1))"
        == "MultiHeadAttention(8 → 8, 2 heads × 4, 1 key/value heads)")
    let feedForward = try FeedForward(
      upProjection: linear(8, 20), activation: .gelu, downProjection: linear(20, 8))
    #expect("\(feedForward)" == "FeedForward(8 → 20 → 8, gelu)")
    let gated = try FeedForward(
      upProjection: linear(8, 20), gateProjection: linear(8, 20), activation: .silu,
      downProjection: linear(20, 8))
    #expect("\(gated)" == "FeedForward(8 → 20 → 8, silu, gated)")
    let norms = TransformerBlock.Norms(pre: .rms(rmsNorm))
    #expect("\(norms)" == "Norms(pre: RMSNorm(8, epsilon 1e-05))")
    let block = try TransformerBlock(
      attention: attentionLayer(), attentionNorms: norms, feedForward: feedForward,
      feedForwardNorms: norms)
    let shown = "TransformerBlock(\(try attentionLayer()), \(feedForward))"
    #expect("\(block)" == shown)
    #expect("\(try Transformer(blocks: [block, block]))" == "Transformer(2 blocks: \(shown))")
  }

  @Test func `rotary embeddings and caches show their parameters`() throws {
    #expect(
      "\(try RotaryEmbedding(headDimension: 64))"
        == "RotaryEmbedding(64, base 10000, half-split)")
    let scaled = try RotaryEmbedding(headDimension: 8, scaling: .linear(factor: 2))
    #expect("\(scaled)" == "RotaryEmbedding(8, base 10000, half-split, scaling linear(factor: 2))")
    #expect("\(RotaryScaling.none)" == "none")
    let cache = try KeyValueCache(keyValueHeadCount: 2, keyDimension: 4)
    #expect("\(cache)".hasPrefix("KeyValueCache(lengths [0], 2 heads × 4, growing"), "\(cache)")
  }

  @Test func `a mask shows its parts as in code`() throws {
    #expect("\(AttentionMask.none)" == "AttentionMask.none")
    #expect("\(AttentionMask.causal)" == "AttentionMask.causal")
    #expect(
      "\(AttentionMask.causal(alignment: .topLeft))"
        == "AttentionMask.causal(alignment: .topLeft)")
    #expect(
      "\(AttentionMask.window(left: 127, right: nil))"
        == "AttentionMask.window(left: 127, right: nil)")
    #expect("\(AttentionMask.prefix(3))" == "AttentionMask.prefix(3)")
    let keep = try BooleanTensor(shape: [2, 3], elements: Array(repeating: true, count: 6))
    let all = AttentionMask.causal.intersection(.keeping(keep)).intersection(.keys([true, false]))
    #expect("\(all)" == "AttentionMask.causal & .keeping([2, 3]) & .keys(2 tokens)")
  }

  @Test func `options show only what differs from the defaults`() throws {
    #expect("\(AttentionOptions())" == "AttentionOptions()")
    var options = AttentionOptions(mask: .causal, lengths: [3, 5, 9])
    options.scale = 0.125
    options.bias = try Tensor(shape: [17, 17], repeating: 0)
    options.dropout = try AttentionDropout(rate: 0.1, seed: 7)
    options.modifiers = [LinearBias(slopes: [0.5, 0.25])]
    #expect(
      "\(options)"
        == "AttentionOptions(scale: 0.125, modifiers: [LinearBias(slopes [0.5, 0.25])], "
        + "bias: [17, 17], mask: AttentionMask.causal, dropout: AttentionDropout(rate 0.1, seed 7), "
        + "lengths: [3, 5, 9])")
    #expect("\([.weights, .logSumExp] as AttentionResults)" == "[weights, logSumExp]")
    #expect("\([] as AttentionResults)" == "[]")
  }

  /// Enumerations are not checked, because their default description shows the case.
  @Test(arguments: ["Attention", "AttentionModels"])
  func `every public struct and class has a description`(module: String) throws {
    let files = try ArticleCode.files(
      in: ArticleCode.root(of: #filePath, depth: 3).appendingPathComponent("Sources/\(module)"),
      named: ".swift")
    let source = files.values.joined(separator: "\n")
    let types = source.matches(of: /\n *public (?:final )?(?:struct|class|actor) (\w+)/)
      .map(\.output.1)
    #expect(types.count > 15)
    for type in types {
      let conformance = try Regex(
        "(struct|class|actor|extension) (\\w+\\.)*\(type): ([\\w, ]+, )?CustomStringConvertible")
      #expect(source.contains(conformance), "\(type) shows its stored properties")
    }
  }

  @Test func `results show their shapes`() throws {
    let x = try Tensor(shape: [5, 2, 4], repeating: 1)
    let result = try attention(
      queries: x, keys: x, values: x, options: AttentionOptions(), returning: .weights)
    #expect("\(result)" == "AttentionResult(output: [5, 2, 4], weights: [2, 5, 5])")
    let gradients = try attentionGradients(of: x, queries: x, keys: x, values: x)
    #expect(
      "\(gradients)"
        == "AttentionGradients(queries: [5, 2, 4], keys: [5, 2, 4], values: [5, 2, 4])")
    let layer = try attentionLayer()
    let output = try layer(
      Tensor(shape: [5, 8], repeating: 1), options: AttentionOptions(), returning: .weights)
    #expect("\(output)" == "AttentionResult(output: [5, 8], weights: [2, 5, 5])")
  }
}
