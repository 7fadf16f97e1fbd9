import Attention
import Foundation
import TestSupport
import Testing

/// Properties of all rotary embeddings, and their errors.
@Suite struct RotaryEmbeddingTests {
  /// The formula in Double with exact frequencies.
  static func rotated(
    _ tensor: Tensor, _ embedding: RotaryEmbedding, positions: [Int], length: Int
  ) -> [Double] {
    let (H, D, d) = (tensor.shape[1], embedding.headDimension, embedding.rotaryDimension)
    let frequencies = embedding.exactInverseFrequencies(sequenceLength: length)
    var result = tensor.scalars.map { Double($0) }
    for (token, position) in positions.enumerated() {
      for head in 0..<H {
        for (pair, frequency) in frequencies.enumerated() {
          let row = (token * H + head) * D
          let isHalf = embedding.layout == .halfSplit
          let (i, j) = isHalf ? (pair, pair + d / 2) : (2 * pair, 2 * pair + 1)
          let (a, b) = (result[row + i], result[row + j])
          let angle = Double(position) * frequency
          result[row + i] = embedding.attentionFactor * (a * cos(angle) - b * sin(angle))
          result[row + j] = embedding.attentionFactor * (b * cos(angle) + a * sin(angle))
        }
      }
    }
    return result
  }

  static let scalings: [RotaryScaling] = [
    .none, .linear(factor: 2), .ntkAware(factor: 4), .fixedNTK(factor: 4),
    .dynamicNTK(factor: 2, originalLength: 64), .llama3(Llama3Scaling(originalLength: 64)),
    .yarn(YaRNScaling(factor: 4, originalLength: 64)),
  ]

  @Test(arguments: scalings, RotaryEmbedding.Layout.allCases)
  func `every dimension, layout and scaling equals the formula in Double`(
    scaling: RotaryScaling, layout: RotaryEmbedding.Layout
  ) throws {
    var generator = SeededGenerator(seed: 1)
    for (headDimension, rotary) in [
      (2, 2), (4, 2), (17, 16), (64, 64), (96, 32), (65, 6), (128, 128),
    ] {
      let embedding = try RotaryEmbedding(
        headDimension: headDimension, rotaryDimension: rotary, layout: layout, scaling: scaling)
      let positions = [0, 1, 5, 130, 129, 3, 3]
      let tensor = try generator.normalTensor([positions.count, 3, headDimension])
      let rotated = try embedding(tensor, positions: positions)
      let exact = Self.rotated(tensor, embedding, positions: positions, length: 131)
      #expect(rotated.shape == tensor.shape)
      #expect(largestDistance(rotated.scalars, exact) <= 1e-4, "\(headDimension), \(rotary)")
    }
  }

  @Test func `fixed NTK scaling slows pair i by factor^(2 (i + 1) / d)`() throws {
    let (d, factor) = (16, 3.0)
    let plain = try RotaryEmbedding(headDimension: d).inverseFrequencies()
    let scaled = try RotaryEmbedding(headDimension: d, scaling: .fixedNTK(factor: factor))
      .inverseFrequencies()
    for pair in 0..<d / 2 {
      let expected = Double(plain[pair]) * pow(factor, -2 * Double(pair + 1) / Double(d))
      #expect(abs(Double(scaled[pair]) / expected - 1) < 1e-6)
    }
  }

  @Test func `the error at far positions is the rounding of the angle`() throws {
    let embedding = try RotaryEmbedding(headDimension: 64)
    var generator = SeededGenerator(seed: 2)
    let tensor = try generator.normalTensor([1, 1, 64])
    for position in stride(from: 0, through: 100_000, by: 997) {
      let rotated = try embedding(tensor, positions: [position])
      let exact = Self.rotated(tensor, embedding, positions: [position], length: position + 1)
      let bound = 4 * (Double(position) * 0x1p-23 + 1e-7)
      #expect(largestDistance(rotated.scalars, exact) <= bound, "position \(position)")
    }
  }

  @Test func `a dot product depends only on the distance of query and key`() throws {
    let embedding = try RotaryEmbedding(headDimension: 32, layout: .interleaved)
    var generator = SeededGenerator(seed: 3)
    let (query, key) = (
      try generator.normalTensor([1, 1, 32]), try generator.normalTensor([1, 1, 32])
    )
    func product(_ start: Int) throws -> Double {
      let a = try embedding(query, positions: [start + 9]).scalars
      let b = try embedding(key, positions: [start]).scalars
      return zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    let near = try product(0)
    #expect(abs(try product(5) - near) <= 1e-5)
    #expect(abs(try product(1000) - near) <= 1e-3)
    #expect(abs(try product(100_000) - near) <= 5e-2)
  }

  @Test func `position 0 changes nothing, and a negative position reverts a positive one`() throws {
    let embedding = try RotaryEmbedding(headDimension: 16)
    var generator = SeededGenerator(seed: 4)
    let tensor = try generator.normalTensor([3, 2, 16])
    #expect(try embedding(tensor, positions: [0, 0, 0]) == tensor)
    let there = try embedding(tensor, positions: [1, 70, 5000])
    let back = try embedding(there, positions: [-1, -70, -5000])
    #expect(largestDistance(back.scalars, tensor.scalars.map { Double($0) }) <= 1e-6)
  }

  @Test func `packed sequences are rotated like single ones, from their offsets`() throws {
    let scaling = RotaryScaling.dynamicNTK(factor: 4, originalLength: 4)
    let embedding = try RotaryEmbedding(headDimension: 8, scaling: scaling)
    var generator = SeededGenerator(seed: 5)
    let tensor = try generator.normalTensor([9, 2, 8])
    let (lengths, offsets) = ([3, 0, 6], [0, 2, 5])
    let plain = try embedding(tensor, lengths: lengths)
    let shifted = try embedding(tensor, positions: .offsets(offsets), lengths: lengths)
    for (range, offset) in [(0..<3, 0), (3..<9, 5)] {
      let alone = try tensor.rows(range)
      #expect(try plain.rows(range) == embedding(alone, positions: Array(0..<range.count)))
      #expect(
        try shifted.rows(range)
          == embedding(alone, positions: Array(offset..<offset + range.count)))
    }
    // Each sequence has a separate length, so a longer neighbor changes nothing.
    let places = TokenPositions.each([2, 1, 0, 0, 0, 9, 1, 2, 3])
    let each = try embedding(tensor, positions: places, lengths: lengths)
    #expect(
      try each.rows(0..<3)
        == embedding(tensor.rows(0..<3), positions: [2, 1, 0], sequenceLength: 3))
  }

  @Test func `threads and backends give equal bits`() throws {
    let embedding = try RotaryEmbedding(headDimension: 64, rotaryDimension: 48)
    var generator = SeededGenerator(seed: 6)
    let tensor = try generator.normalTensor([700, 3, 64])
    let one = try withCompute(threads: 1) { try embedding(tensor) }
    for backend in Backend.all {
      #expect(try withCompute(backend: backend, threads: 3) { try embedding(tensor) } == one)
    }
  }

  @Test func `tensors without tokens or heads are accepted`() throws {
    let embedding = try RotaryEmbedding(headDimension: 4)
    for shape: Shape in [[0, 2, 4], [2, 0, 4]] {
      #expect(try embedding(Tensor(shape: shape, repeating: 0)).shape == shape)
    }
  }

  @Test func `NaN stays in its pair`() throws {
    let embedding = try RotaryEmbedding(headDimension: 4)
    let tensor = try Tensor(shape: [1, 1, 4], scalars: [.nan, 1, 2, 3])
    let rotated = try embedding(tensor, positions: [3]).scalars
    #expect(rotated.map(\.isNaN) == [true, false, true, false])
  }

  // MARK: - Refusals

  struct Refusal: Sendable, CustomTestStringConvertible {
    var dimension = 8
    var rotary: Int?
    var base = 10_000.0
    var scaling = RotaryScaling.none
    var words: [String]
    var testDescription: String { words.joined(separator: ", ") }
  }

  static let refusals: [Refusal] = [
    Refusal(rotary: 3, words: ["rotary dimension", "even", "3"]),
    Refusal(rotary: 10, words: ["rotary dimension", "8", "10"]),
    Refusal(rotary: 0, words: ["rotary dimension", "0"]),
    Refusal(rotary: -2, words: ["rotary dimension", "-2"]),
    Refusal(dimension: 7, words: ["rotary dimension", "even", "7"]),
    Refusal(dimension: .min, words: ["rotary dimension"]),
    Refusal(base: -10_000, words: ["base", "-10000"]),
    Refusal(base: 0, words: ["base", "0"]),
    Refusal(base: .nan, words: ["base", "nan"]),
    Refusal(base: .infinity, words: ["base", "inf"]),
    Refusal(scaling: .linear(factor: -1), words: ["factor", "-1"]),
    Refusal(scaling: .linear(factor: .nan), words: ["factor", "nan"]),
    Refusal(scaling: .ntkAware(factor: 0), words: ["factor", "0"]),
    Refusal(scaling: .fixedNTK(factor: -1), words: ["factor", "-1"]),
    Refusal(
      scaling: .dynamicNTK(factor: 2, originalLength: 0), words: ["originalLength", "0"]),
    Refusal(
      scaling: .yarn(YaRNScaling(factor: .infinity, originalLength: 8)), words: ["factor", "inf"]),
    Refusal(
      scaling: .yarn(YaRNScaling(factor: 2, originalLength: -8)), words: ["originalLength", "-8"]),
    Refusal(
      scaling: .yarn(YaRNScaling(factor: 2, originalLength: 8, betaFast: 1, betaSlow: 2)),
      words: ["betaFast", "betaSlow"]),
    Refusal(
      scaling: .yarn(YaRNScaling(factor: 2, originalLength: 8, attentionFactor: -1)),
      words: ["attentionFactor", "-1"]),
    Refusal(
      scaling: .yarn(YaRNScaling(factor: 2, originalLength: 8, mscale: .nan)),
      words: ["mscale", "nan"]),
    Refusal(
      scaling: .llama3(Llama3Scaling(lowFrequencyFactor: 4)),
      words: ["highFrequencyFactor", "lowFrequencyFactor", "4"]),
    Refusal(
      scaling: .llama3(Llama3Scaling(factor: -8)), words: ["factor", "-8"]),
  ]

  @Test(arguments: refusals)
  func `a wrong parameter is named in the error`(_ refusal: Refusal) {
    let text = failureText {
      try RotaryEmbedding(
        headDimension: refusal.dimension, rotaryDimension: refusal.rotary, base: refusal.base,
        scaling: refusal.scaling)
    }
    for word in refusal.words { #expect(text.contains(word), "\(text)") }
    #expect(!text.contains("no failure"))
  }

  @Test func `wrong shapes and positions are named in the error`() throws {
    let embedding = try RotaryEmbedding(headDimension: 4)
    let tensor = try Tensor(shape: [3, 2, 4], repeating: 1)
    func expect(_ words: String..., body: () throws -> Tensor) {
      let text = failureText(of: body)
      for word in words { #expect(text.contains(word), "\(text)") }
    }
    expect("positions", "2", "3") { try embedding(tensor, positions: [0, 1]) }
    expect("positions", "out of range") { try embedding(tensor, positions: [0, 1, .max]) }
    expect("positions", "out of range") { try embedding(tensor, positions: [0, 1, .min]) }
    expect("positions", "out of range") { try embedding(tensor, positions: .offsets([.max])) }
    expect("positions", "1 offset", "got 2") { try embedding(tensor, positions: .offsets([1, 2])) }
    expect("positions", "4", "3") { try embedding(tensor, positions: .each([1, 2, 3, 4])) }
    expect("lengths", "4", "3") { try embedding(tensor, lengths: [4]) }
    expect("lengths", "-1") { try embedding(tensor, lengths: [4, -1]) }
    let wide = try Tensor(shape: [3, 2, 5], repeating: 1)
    expect("[token, head, 4]", "[3, 2, 5]") { try embedding(wide) }
    let flat = try Tensor(shape: [3, 8], repeating: 1)
    expect("[token, head, 4]", "[3, 8]") { try embedding(flat) }
    let start = TokenPositions.fromStart
    #expect(failureText { try start.resolved(lengths: [2, -1]) }.contains("lengths: negative"))
    #expect(failureText { try start.resolved(lengths: [.max, .max]) }.contains("overflow"))
  }

  @Test func `an empty ramp of YaRN scales all pairs except the first`() throws {
    // The original length is shorter than one rotation of the fastest pair.
    let frequencies = try RotaryEmbedding(
      headDimension: 8, scaling: .yarn(YaRNScaling(factor: 4, originalLength: 4))
    ).inverseFrequencies()
    let plain = try RotaryEmbedding(headDimension: 8).inverseFrequencies()
    #expect(frequencies[0] == plain[0])
    for (scaled, frequency) in zip(frequencies, plain).dropFirst() {
      #expect(abs(scaled - frequency / 4) <= 1e-6 * frequency)
    }
  }

  @Test func `LongRoPE divides each pair by the factor for the length`() throws {
    let scaling = LongRoPEScaling(
      shortFactors: [1, 2, 4], longFactors: [8, 16, 5], originalLength: 10, factor: 4)
    let rotary = try RotaryEmbedding(
      headDimension: 8, rotaryDimension: 6, base: 64, scaling: .longRoPE(scaling))
    // ω is 1, 1/4, 1/16.
    let short = rotary.inverseFrequencies(sequenceLength: 10)
    #expect(largestDistance(short, [1, 0.125, 0.015625]) < 1e-7)
    let long = rotary.inverseFrequencies(sequenceLength: 11)
    #expect(largestDistance(long, [0.125, 0.015625, 0.0125]) < 1e-7)
    let factor: Double = (1 + log(4.0) / log(10.0)).squareRoot()
    #expect(abs(rotary.attentionFactor - factor) < 1e-15)
    // The features after the rotated ones do not change; the length of each sequence counts.
    let x = try Tensor(shape: [12, 1, 8], repeating: 1)
    let y = try rotary(x, lengths: [1, 11])
    let last = 11 * 8
    #expect(y.scalars[last + 6] == 1 && y.scalars[last + 7] == 1)
    let angle = 10 * 0.015625
    let expected: Double = factor * (cos(angle) - sin(angle))
    #expect(largestDistance([y.scalars[last + 1], y.scalars[0]], [expected, factor]) < 1e-6)
  }
}
