import Attention
import AttentionModels

/// How many texts of how many tokens an encoder gets: `BxT`.
package struct EncoderShape: Hashable {
  package let texts: Int
  package let tokens: Int

  /// The shapes that one text stands for.
  package static func shapes(in text: Substring) throws -> [EncoderShape] {
    try SizeList.sizes(in: text, count: 2, form: "BxT").map {
      EncoderShape(texts: $0[0], tokens: $0[1])
    }
  }

  /// Whether the shapes sweep the number of texts rather than the number of tokens: then a line of a plot
  /// is a number of tokens.
  package static func sweepsTexts(_ shapes: [EncoderShape]) -> Bool {
    Set(shapes.map(\.tokens)).count < Set(shapes.map(\.texts)).count
  }

  /// From one short sentence to a batch of long ones.
  package static let standard = ["1x16", "1x128", "8x128", "32x128", "1x512"]
}

/// A model's encoder on texts of one length.
package struct EncoderCase {
  package let encoder: BERT
  package let shape: EncoderShape
  /// Whether the cases sweep the number of texts.
  package let sweepsTexts: Bool

  package init(
    encoder: BERT, shape: EncoderShape, sweepsTexts: Bool
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
          operations: encoder.configuration.operations(lengths: tokens.lengths),
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
                shape: Shape(sizes + [encoder.configuration.width]),
                elements: .float32(hidden.scalars))
            ),
          ]
        })
    }
  }

  /// Ids from all over the vocabulary, each text's others than the next one's.
  private func tokens(texts: Int) -> PackedTokens {
    var tokens = PackedTokens([Encoding]())
    let vocabulary = encoder.configuration.vocabularySize
    tokens.ids = (0..<texts * shape.tokens).map { (1_000 + 7_919 * $0) % vocabulary }
    tokens.segments = Array(repeating: 0, count: tokens.ids.count)
    tokens.lengths = Array(repeating: shape.tokens, count: texts)
    return tokens
  }

  /// The first text, alone and by another backend.
  private func check(_ hidden: Tensor) throws -> BenchCheck {
    let alone = tokens(texts: 1)
    return BenchCheck(
      try hidden.rows(0..<alone.ids.count),
      expected: try withOtherBackend { try encoder(alone).hiddenStates },
      relativeBound: Self.bound)
  }

  /// How far two computations in single precision may lie apart, as a share of the largest number.
  package static let bound = 2e-5
}

extension BERT.Configuration {
  /// The floating-point operations for sequences of those lengths: 2 for each weight and token, and 4
  /// for each pair of tokens and feature.
  package func operations(lengths: [Int]) -> Double {
    let (W, I) = (Double(width), Double(innerWidth))
    let weights = 4 * W * W + 2 * W * I
    return Double(layerCount)
      * lengths.reduce(0.0) { sum, length in
        let T = Double(length)
        return sum + 2 * T * weights + 4 * T * T * W
      }
  }
}
