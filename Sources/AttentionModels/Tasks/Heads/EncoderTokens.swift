import Attention
import AttentionCore
import Foundation

/// The tokenizer of an encoder with a head, and the limits of the encoder.
struct EncoderTokens: Sendable {
  let tokenizer: Tokenizer
  /// The number of rows of the encoder's embedding table.
  let vocabularySize: Int
  /// The longest sequence in tokens, including special tokens; `Int.max` for no limit.
  let maxLength: Int

  /// Loads a head and the tokenizer beside it, at the same time.
  static func load<Head: Sendable>(
    _ directory: ModelDirectory, head: @Sendable (ModelDirectory) throws -> Head,
    encoder: (Head) -> any EncoderModel
  ) throws -> (head: Head, tokens: EncoderTokens) {
    let pipeline = try SentencePipeline(directory)
    let folder = pipeline.encoder
    let (head, tokenizer) = try Workers.both({ try head(folder) }, { try Tokenizer(folder) })
    let model = encoder(head)
    let maxLength =
      [pipeline.maxLength, model.contextLength].compactMap(\.self).min() ?? Int.max
    return (
      head,
      EncoderTokens(
        tokenizer: tokenizer, vocabularySize: model.vocabularySize, maxLength: maxLength)
    )
  }

  /// The tokens of a text, or of a pair.
  ///
  /// - Throws: `ModelError.text` for a text that is "longer than" `maxLength` and must not be cut, or that has a
  ///   token without an embedding.
  func encoding(
    _ text: String, pair: String? = nil, truncation: Truncation
  ) throws -> Encoding {
    let limit = truncation == .cutEnd ? maxLength : nil
    let name = pair == nil ? "text" : "pair"
    let encoding =
      try pair.map { try tokenizer.encode(text, pair: $0, maxLength: limit) }
      ?? tokenizer.encode(text, maxLength: limit)
    guard encoding.count <= maxLength else {
      throw ModelError.text(
        name, reason: "\(encoding.count) tokens, longer than the limit of \(maxLength)")
    }
    try encoding.requireRows(vocabularySize, named: name)
    return encoding
  }

  /// Tokenizes texts in parallel.
  func encodings<Text: Sendable>(
    of texts: [Text], _ encode: @Sendable (Text) throws -> Encoding
  ) throws -> [Encoding] {
    try Workers.map(texts, chunk: Self.textsPerChunk) { index, text in
      do {
        return try encode(text)
      } catch let error as ModelError {
        throw error.withIndex(index)
      }
    }
  }

  private static let textsPerChunk = 16
}

/// Computes batches of encodings, one after the other, and passes each encoding with its rows of the result.
///
/// - Parameters:
///   - encodings: the encodings.
///   - isPerToken: whether the result has a row for each token; else, a row for each encoding.
///   - compute: the model.
///   - body: called with the index of an encoding, and its rows, `[row, feature]`.
func forEachResult(
  of encodings: [Encoding], isPerToken: Bool, _ compute: (PackedTokens) throws -> Tensor,
  _ body: (Int, [ArraySlice<Float>]) throws -> Void
) throws {
  for batch in TokenBatches.ranges(lengths: encodings.lazy.map(\.count)) {
    let result = try compute(PackedTokens(encodings[batch]))
    let (scalars, width) = (result.scalars, result.shape[1])
    var row = 0
    for index in batch {
      try Cancellation.check()
      let count = isPerToken ? encodings[index].count : 1
      try body(
        index, (row..<row + count).map { scalars[$0 * width..<($0 + 1) * width] })
      row += count
    }
  }
}

/// The softmax of numbers, in double precision.
func softmax(logits numbers: some Collection<Float>) -> [Float] {
  let largest = Double(numbers.max() ?? 0)
  let powers = numbers.map { exp(Double($0) - largest) }
  let sum = powers.reduce(0, +)
  return powers.map { Float($0 / sum) }
}
