import Attention
import AttentionModels
import Foundation

/// A sequence computed twice, in several batches, at several places in the batch, and with several numbers
/// of threads: the bits must be equal. The error is the number of different scalars.
///
/// Layers compute up to 4 tokens with other kernels than more tokens, so the sequences of layers and models
/// have at least 5 tokens, and single tokens are decoded in batches of at least 5.
package struct BitCheck: VerificationCheck {
  package let name = "bits"
  package let summary = "equal bits: twice, other batches, places, 1–T threads"
  package let caseCount = 60

  package init() {}

  private enum Target: String, CaseIterable {
    case attention, decoding = "few queries", linear, block, encoder = "BERT", prompt = "GPT-2"
    case step = "GPT-2 step"
  }

  /// The numbers of threads: 1 to 3, and all processors.
  private static let threads = Array(
    Set([1, 2, 3, min(16, ProcessInfo.processInfo.activeProcessorCount)])
  ).sorted()

  /// A batch: the results of the sequence of interest, with the sequences at the given places.
  private typealias Compute = @Sendable (_ batch: [Int]) throws -> Tensor

  package func prepare(_ generator: inout CaseGenerator) throws -> PreparedCase {
    var combination = generator.combination
    let target = combination.pick(Target.allCases)
    // Sequence 0 is the sequence of interest; the others are its company.
    let batches = [[0], [0], [0, 1, 2], [1, 0], [2, 1, 0], [3, 0, 4, 1, 2]]
    let (description, compute) = try Self.computation(target, &generator)
    // A step decodes one token of each sequence.
    let chosen =
      target == .step ? [[0, 1, 2, 3, 4], [0, 1, 2, 3, 4], [4, 3, 0, 5, 2, 1]] : batches
    return PreparedCase("\(target.rawValue), \(description), T = \(Self.threads.last ?? 1)") {
      subject in
      let expected = try subject.scalars(threads: 1) { try compute(chosen[0]) }
      var meter = ErrorMeter()
      for (index, batch) in chosen.enumerated() {
        // Every batch with two numbers of threads, in turn.
        for offset in 0..<2 {
          let threads = Self.threads[(index + 2 * offset) % Self.threads.count]
          let found = try subject.scalars(threads: threads) { try compute(batch) }
          meter.addBits(found, expected)
        }
      }
      return meter
    }
  }

  private static func computation(
    _ target: Target, _ generator: inout CaseGenerator
  ) throws -> (description: String, Compute) {
    let least = target == .attention ? 1 : 5
    let lengths = (0..<6).map { _ in generator.size(least...(target == .attention ? 500 : 60)) }
    let description = "lengths \(lengths)"
    /// The rows of the sequence of interest in a batch.
    @Sendable func rows(_ batch: [Int]) -> Range<Int> {
      let start = batch.prefix { $0 != 0 }.reduce(0) { $0 + lengths[$1] }
      return start..<start + lengths[0]
    }
    @Sendable func joined(_ tensors: [Tensor], _ batch: [Int]) throws -> Tensor {
      var shape = tensors[0].shape.dimensions
      shape[0] = batch.reduce(0) { $0 + lengths[$1] }
      return try Tensor(shape: Shape(shape), scalars: batch.flatMap { tensors[$0].scalars })
    }
    switch target {
    case .attention:
      let (groups, groupSize) = (generator.size(1...3), generator.pick([1, 2, 4]))
      let (dk, dv) = (generator.pick([8, 17, 64]), generator.pick([8, 17, 64]))
      let mask: AttentionMask = generator.pick([.none, .causal, .window(left: 70, right: 10)])
      let queries = try lengths.map { try generator.normal([$0, groups * groupSize, dk]) }
      let keys = try lengths.map { try generator.normal([$0, groups, dk]) }
      let values = try lengths.map { try generator.normal([$0, groups, dv]) }
      return (
        "\(description), heads \(groups * groupSize)/\(groups), dk \(dk), dv \(dv)",
        { batch in
          try attention(
            queries: joined(queries, batch), keys: joined(keys, batch),
            values: joined(values, batch),
            options: AttentionOptions(mask: mask, lengths: batch.map { lengths[$0] })
          ).output.rows(rows(batch))
        }
      )
    case .decoding:
      // Threads share the keys of a few queries.
      let (groups, dk) = (generator.size(1...3), generator.pick([17, 64]))
      let (queryCount, keyCount) = (generator.size(1...4), generator.size(100...3_000))
      let queries = try generator.normal([queryCount, 2 * groups, dk])
      let keys = try generator.normal([keyCount, groups, dk])
      let values = try generator.normal([keyCount, groups, dk])
      return (
        "\(queryCount) × \(keyCount), heads \(2 * groups)/\(groups), dk \(dk)",
        { _ in try attention(queries: queries, keys: keys, values: values) }
      )
    case .linear:
      let (inputs, outputs) = (generator.size(1...1_000), generator.size(1...150))
      let layer = try generator.linear(from: inputs, to: outputs)
      let x = try lengths.map { try generator.normal([$0, inputs]) }
      return (
        "\(description), \(inputs) → \(outputs)",
        { batch in try layer(joined(x, batch)).rows(rows(batch)) }
      )
    case .block:
      let heads = generator.size(1...3)
      let block = try Transformer(
        blocks: [
          generator.block(hidden: heads * 16, heads: heads, headDimension: 16, mask: .causal)
        ])
      let x = try lengths.map { try generator.normal([$0, heads * 16]) }
      return (
        "\(description), \(heads) heads",
        { batch in
          try block(joined(x, batch), lengths: batch.map { lengths[$0] }).output.rows(rows(batch))
        }
      )
    case .encoder:
      let sizes = RandomModel.Sizes(&generator)
      let model = try RandomModel.withFolder(.bert, sizes, &generator) {
        try EncoderModels.load($0)
      }
      let ids = lengths.map { generator.ids($0, below: RandomModel.vocabularySize) }
      return (
        description,
        { batch in
          try model(PackedTokens(batch.map { ids[$0] })).hiddenStates.rows(rows(batch))
        }
      )
    case .prompt, .step:
      let sizes = RandomModel.Sizes(&generator)
      let model = try RandomModel.withFolder(.gpt2, sizes, &generator) {
        try LanguageModels.load($0)
      }
      let ids = lengths.map { generator.ids($0, below: RandomModel.vocabularySize) }
      let next = generator.ids(6, below: RandomModel.vocabularySize)
      return (
        description,
        { batch in
          var (state, tokens) = try model.begin(PackedTokens(batch.map { ids[$0] }))
          let logits = try model.logits(of: tokens, state: &state, rows: .all)
          guard target == .step else { return try logits.rows(rows(batch)) }
          let step = try model.logits(
            of: PackedTokens(batch.map { [next[$0]] }), state: &state, rows: .all)
          let place = batch.firstIndex(of: 0) ?? 0
          return try step.rows(place..<place + 1)
        }
      )
    }
  }
}
