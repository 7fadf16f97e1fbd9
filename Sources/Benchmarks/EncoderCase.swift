import Attention
import AttentionModels

/// The input of an encoder, `BxT`: B texts of T tokens each.
package struct EncoderShape: Hashable {
  package let texts: Int
  package let tokens: Int

  /// Parses a shape, or a sweep of shapes such as `1x16..512`.
  package static func shapes(in text: Substring) throws -> [EncoderShape] {
    try SizeList.sizes(in: text, count: 2, form: "BxT").map {
      EncoderShape(texts: $0[0], tokens: $0[1])
    }
  }

  /// Whether the shapes sweep the number of texts rather than the number of tokens. If so, each number of
  /// tokens is a line in the plot.
  package static func sweepsTexts(_ shapes: [EncoderShape]) -> Bool {
    Set(shapes.map(\.tokens)).count < Set(shapes.map(\.texts)).count
  }

  /// The default shapes, from one short sentence to a batch of long texts.
  package static let defaultShapes = ["1x16", "1x128", "8x128", "32x128", "1x512"]
}

/// Runs the encoder of a model on texts of equal length.
package struct EncoderCase {
  package let encoder: any EncoderModel
  package let shape: EncoderShape
  /// Whether the cases sweep the number of texts.
  package let sweepsTexts: Bool

  package init(
    encoder: any EncoderModel, shape: EncoderShape, sweepsTexts: Bool
  ) {
    self.encoder = encoder
    self.shape = shape
    self.sweepsTexts = sweepsTexts
  }

  package var benchCase: BenchCase {
    BenchCase(
      name: "\(shape.texts)x\(shape.tokens)", length: shape.texts * shape.tokens,
      series: BenchSeries(
        sweepsTexts ? "\(counted(shape.tokens, "token")) each" : counted(shape.texts, "text"))
    ) {
      let tokens = tokens(texts: shape.texts)
      return BenchCase.Prepared(
        work: BenchWork(
          operations: encoder.transformer.operations(lengths: tokens.lengths),
          tokens: tokens.ids.count, texts: shape.texts),
        run: { _ = try encoder(tokens) },
        check: { try check(encoder(tokens).hiddenStates) },
        arrays: {
          let hidden = try encoder(tokens).hiddenStates
          let sizes = [shape.texts, shape.tokens]
          return [
            (
              "ids",
              try NPYArray(shape: Shape(sizes), elements: .int64(tokens.ids.map { Int64($0) }))
            ),
            (
              "output",
              try NPYArray(
                shape: Shape(sizes + [encoder.hiddenSize]),
                elements: .float32(hidden.scalars))
            ),
          ]
        })
    }
  }

  /// Ids spread over the vocabulary, different for each text.
  private func tokens(texts: Int) -> PackedTokens {
    let vocabulary = encoder.vocabularySize
    return PackedTokens(
      ids: (0..<texts * shape.tokens).map { (1_000 + 7_919 * $0) % vocabulary },
      lengths: Array(repeating: shape.tokens, count: texts))
  }

  /// Compares the hidden states of the first text with hidden states that another backend computes for this
  /// text alone.
  private func check(_ hidden: Tensor) throws -> BenchCheck {
    let alone = tokens(texts: 1)
    return BenchCheck(
      try hidden.rows(0..<alone.ids.count),
      expected: try withOtherBackend { try encoder(alone).hiddenStates },
      relativeBound: Self.bound)
  }

  /// The bound for the difference between two float32 computations, as a fraction of the largest magnitude.
  package static let bound = 2e-5
}

extension Transformer {
  /// The floating-point operations for sequences of these lengths: for each block, 2 per weight and token,
  /// and 4 per pair of tokens and query feature.
  package func operations(lengths: [Int]) -> Double {
    let tokens = Double(lengths.reduce(0, +))
    let pairs = lengths.reduce(0.0) { $0 + Double($1) * Double($1) }
    return blocks.reduce(0.0) { sum, block in
      let attention = block.attention
      let layers =
        [attention.query, attention.key, attention.value, attention.output]
        + block.feedForward.activeProjections
      let weights = layers.reduce(0) { $0 + $1.inputSize * $1.outputSize }
      return sum + 2 * tokens * Double(weights)
        + 4 * pairs * Double(attention.query.outputSize)
    }
  }
}
