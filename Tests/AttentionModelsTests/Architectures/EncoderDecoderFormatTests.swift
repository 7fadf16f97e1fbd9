import Attention
import TestSupport
import Testing

@testable import AttentionModels

/// Models whose weights are in each format, compared with the same weights in float32.
@Suite struct EncoderDecoderFormatTests {
  /// The accepted distance from the logits with weights in float32: the root mean square of the distances,
  /// relative to the root mean square of the logits.
  static let bounds: [WeightFormat: Double] = [
    .float32: 0, .bfloat16: 0.03, .float16: 0.003, .int8: 0.05, .int8Groups: 0.05,
  ]

  private func logits(_ name: String, _ format: WeightFormat?) throws -> [Float] {
    let fixture = try EncoderDecoderFixture(name, format: format)
    var state = try fixture.begin()
    return try fixture.model.logits(of: fixture.texts, state: &state, rows: .all).scalars
  }

  @Test(arguments: EncoderDecoderFixture.names)
  func `narrow weights change the logits by no more than the bounds`(name: String) throws {
    let exact = try logits(name, .float32)
    for format in WeightFormat.allCases {
      let bound = try #require(Self.bounds[format])
      let found = try logits(name, format)
      let squares = zip(found, exact).map { Double($0 - $1) * Double($0 - $1) }
      let distance =
        (squares.reduce(0, +) / exact.reduce(0) { $0 + Double($1) * Double($1) }).squareRoot()
      #expect(distance <= bound, "\(name), \(format)")
      // The weights in the files are not whole numbers.
      if [.int8, .int8Groups].contains(format) { #expect(distance > 0, "\(name), \(format)") }
    }
  }

  @Test(
    arguments: [
      ("T5/v1.0", .float32), ("T5/v1.1", .bfloat16), ("BART/plain", .float16),
      ("BART/sharded", .bfloat16), ("M2M100/odd", .bfloat16), ("Marian/separate", .float16),
    ] as [(String, WeightFormat)])
  func `the default format is the file's`(
    name: String, format: WeightFormat
  ) throws {
    let kept = try logits(name, nil)
    #expect(try logits(name, format) == kept)
  }
}
