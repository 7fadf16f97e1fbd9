import Attention
import AttentionModels
import TestSupport
import Testing

/// The bytes of `quantize_embeddings` of sentence-transformers 5 for the same numbers.
@Suite struct QuantizedEmbeddingsTests {
  private let embeddings: Tensor

  init() throws {
    embeddings = try Tensor(rows: [
      [0.1, -0.2, 0.3, 0, 1.5, -1, 2, -0.01, 0.7], [-0.4, 0.25, 0.31, -0.0, 1, -3, 2, 0.01, -0.7],
      [0.05, 0.9, -0.6, 0.2, 1.25, -2.5, 2, 0, 0.1],
    ])
  }

  private func numbers(_ quantized: QuantizedEmbeddings) -> [Int] {
    quantized.bytes.map { quantized.precision.isSigned ? Int(Int8(bitPattern: $0)) : Int($0) }
  }

  @Test func `each precision has the bytes of sentence-transformers`() throws {
    let expected: [(EmbeddingPrecision, [Int])] = [
      (
        .int8,
        [126, -128, 124, -128, 126, 126, -128, -128, 127]
          + [-128, -24, 127, -128, -128, -128, -128, 126, -128]
          + [101, 127, -128, 127, -1, -65, -128, -1, 17]
      ),
      (
        .uint8,
        [254, 0, 252, 0, 254, 254, 0, 0, 255] + [0, 104, 255, 0, 0, 0, 0, 254, 0]
          + [229, 255, 0, 255, 127, 63, 0, 127, 145]
      ),
      (.binary, [42, 0, -21, -128, 90, 0]), (.ubinary, [170, 128, 107, 0, 218, 128]),
    ]
    for (precision, bytes) in expected {
      let quantized = try QuantizedEmbeddings(embeddings, precision: precision)
      #expect(numbers(quantized) == bytes, "\(precision)")
      #expect(quantized.count == 3 && quantized.dimension == 9)
      #expect(quantized.rowByteCount == bytes.count / 3)
    }
  }

  @Test func `numbers outside given ranges are moved to the bounds`() throws {
    let ranges = try EmbeddingRanges(
      minimum: Array(repeating: -0.5, count: 9), maximum: Array(repeating: 0.5, count: 9))
    let quantized = try QuantizedEmbeddings(embeddings, precision: .int8, ranges: ranges)
    #expect(
      numbers(quantized) == [25, -52, 75, -1, 127, -128, 127, -4, 127]
        + [-103, 63, 78, -1, 127, -128, 127, 2, -128] + [12, 127, -128, 50, 127, -128, 127, -1, 25])
  }

  @Test func `ranges are the least and greatest numbers, and must fit`() throws {
    let ranges = try EmbeddingRanges(of: embeddings)
    #expect(ranges.minimum == [-0.4, -0.2, -0.6, 0, 1, -3, 2, -0.01, -0.7])
    #expect(ranges.maximum == [0.1, 0.9, 0.31, 0.2, 1.5, -1, 2, 0.01, 0.7])
    let one = try embeddings.rows(0..<1)
    #expect(
      failureText { try QuantizedEmbeddings(one, precision: .int8) }
        .contains("expected [text, feature] with at least 2 texts, got shape [1, 9]"))
    #expect(try QuantizedEmbeddings(one, precision: .binary).bytes.count == 2)
    let short = try EmbeddingRanges(minimum: [0], maximum: [1])
    #expect(
      failureText { try QuantizedEmbeddings(embeddings, precision: .uint8, ranges: short) }
        .contains("ranges: expected 9, one per feature, got 1"))
    #expect(failureText { try EmbeddingRanges(minimum: [], maximum: [1]) }.contains("ranges"))
    let broken = try Tensor(shape: [2, 1], scalars: [1, .nan])
    for precision in EmbeddingPrecision.allCases {
      let text = failureText { try QuantizedEmbeddings(broken, precision: precision) }
      #expect(text.contains("embeddings: expected finite numbers"), "\(text)")
    }
    let empty = try Tensor(shape: [0, 9], repeating: 0)
    #expect(try QuantizedEmbeddings(empty, precision: .int8).bytes.isEmpty)
    #expect(
      "\(try QuantizedEmbeddings(one, precision: .binary))" == "QuantizedEmbeddings(1 × 9, binary)")
  }
}
