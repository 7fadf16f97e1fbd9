import Attention
import Foundation
import TestSupport
import Testing

/// Rotary embeddings compared with the values of Hugging Face and with the papers' formulas in
/// Double: Scripts/fixtures/rotary.py.
@Suite struct RotaryReferenceTests {
  struct Case: Decodable, Sendable, CustomTestStringConvertible {
    struct Scaling: Decodable, Sendable {
      var kind: String
      var factor: Double?
      var originalLength: Int?
      var betaFast: Double?
      var betaSlow: Double?
      var attentionFactor: Double?
      var mscale: Double?
      var mscaleAllDimensions: Double?
      var truncatesRange: Bool?
      var lowFrequencyFactor: Double?
      var highFrequencyFactor: Double?
    }
    var name: String
    var headDimension: Int
    var rotaryDimension: Int
    var base: Double
    var layout: String
    var scaling: Scaling
    var attentionFactor: Double
    var positions: [Int]
    var testDescription: String { name }

    func embedding() throws -> RotaryEmbedding {
      let factor = scaling.factor ?? 1
      let length = scaling.originalLength ?? 0
      let rotaryScaling: RotaryScaling
      switch scaling.kind {
      case "linear": rotaryScaling = .linear(factor: factor)
      case "ntkAware": rotaryScaling = .ntkAware(factor: factor)
      case "dynamicNTK": rotaryScaling = .dynamicNTK(factor: factor, originalLength: length)
      case "yarn":
        rotaryScaling = .yarn(
          YaRNScaling(
            factor: factor, originalLength: length, betaFast: scaling.betaFast ?? 32,
            betaSlow: scaling.betaSlow ?? 1, attentionFactor: scaling.attentionFactor,
            mscale: scaling.mscale, mscaleAllDimensions: scaling.mscaleAllDimensions,
            truncatesRange: scaling.truncatesRange ?? true))
      case "llama3":
        rotaryScaling = .llama3(
          Llama3Scaling(
            factor: factor, lowFrequencyFactor: try #require(scaling.lowFrequencyFactor),
            highFrequencyFactor: try #require(scaling.highFrequencyFactor),
            originalLength: length))
      default:
        #expect(scaling.kind == "none")
        rotaryScaling = .none
      }
      return try RotaryEmbedding(
        headDimension: headDimension, rotaryDimension: rotaryDimension, base: base,
        layout: try #require(RotaryEmbedding.Layout(rawValue: layout)), scaling: rotaryScaling)
    }

    var length: Int { (positions.max() ?? 0) + 1 }
  }

  static let cases: [Case] = (try? Fixtures.json("Rotary/cases.json")) ?? []

  @Test func `the fixture has cases`() { #expect(Self.cases.count >= 15) }

  @Test(arguments: cases)
  func `frequencies and the attention factor equal the published ones`(_ item: Case) throws {
    let embedding = try item.embedding()
    let pairs = item.rotaryDimension / 2
    let stored = try Fixtures.doubles("Rotary/\(item.name).frequencies.npy")
    let (published, exact) = (stored.prefix(pairs), stored.suffix(pairs))

    let single = embedding.inverseFrequencies(sequenceLength: item.length)
    #expect(single.count == pairs)
    let steps = zip(single, published).map { abs(Double($0) - $1) / Double(Float($1).ulp) }
    // They differ only where Hugging Face's power function does not round to nearest.
    let bound: Double = item.scaling.kind == "dynamicNTK" ? 2 : 1
    #expect(steps.allSatisfy { $0 <= bound }, "\(steps.max() ?? 0) units in the last place")
    #expect(steps.count { $0 > 0 } <= pairs / 8 + 1, "\(steps.count { $0 > 0 }) of \(pairs)")

    let double = embedding.exactInverseFrequencies(sequenceLength: item.length)
    let errors = zip(double, exact).map { abs($0 / $1 - 1) }
    #expect(errors.allSatisfy { $0 <= 1e-14 }, "\(errors.max() ?? 0)")

    #expect(abs(embedding.attentionFactor / item.attentionFactor - 1) <= 1e-15)
    record("\(item.name): frequencies", steps.max() ?? 0, errors.max() ?? 0)
  }

  @Test(arguments: cases)
  func `cosines and sines agree with the published ones up to position 131071`(
    _ item: Case
  ) throws {
    let cache = try item.embedding().cosSin(positions: item.positions)
    let published = try Fixtures.tensor("Rotary/\(item.name).table.npy")
    #expect(cache.values.shape == published.shape)
    let pairs = item.rotaryDimension / 2
    let stored = try Fixtures.doubles("Rotary/\(item.name).frequencies.npy")
    let exact = Array(stored.suffix(pairs))
    let (ours, theirs) = (cache.values.scalars, published.scalars)

    var (nearest, ourError, theirError) = (0.0, 0.0, 0.0)
    for (token, position) in item.positions.enumerated() {
      // The last bit of the frequency times the position, plus the rounding of the results.
      let bound = (Double(position) * 0x1p-23 + 0x1p-22) * item.attentionFactor
      for pair in 0..<pairs {
        let angle = Double(position) * exact[pair]
        for (part, value) in [cos(angle), sin(angle)].enumerated() {
          let place = (token * 2 + part) * pairs + pair
          let right = value * item.attentionFactor
          let distance = abs(Double(ours[place]) - Double(theirs[place]))
          nearest = max(nearest, distance)
          ourError = max(ourError, abs(Double(ours[place]) - right))
          theirError = max(theirError, abs(Double(theirs[place]) - right))
          #expect(distance <= bound, "position \(position), pair \(pair)")
        }
      }
    }
    // The error of single precision is the same for both implementations.
    #expect(ourError <= 1.01 * theirError + 1e-7, "\(ourError), theirs \(theirError)")
    #expect(ourError <= 3e-2)
    record("\(item.name): table", nearest, ourError, theirError)
  }

  @Test(arguments: cases.filter { (try? Fixtures.tensor("Rotary/\($0.name).queries.npy")) != nil })
  func `rotated heads agree with the published ones`(_ item: Case) throws {
    let queries = try Fixtures.tensor("Rotary/\(item.name).queries.npy")
    let published = try Fixtures.tensor("Rotary/\(item.name).rotated.npy")
    let rotated = try item.embedding()(queries, positions: item.positions)
    #expect(rotated.shape == published.shape)
    let rowWidth = rotated.count / item.positions.count
    var nearest = 0.0
    for (token, position) in item.positions.enumerated() {
      let range = token * rowWidth..<(token + 1) * rowWidth
      let distance = largestDistance(
        rotated.scalars[range], published.scalars[range].map { Double($0) })
      nearest = max(nearest, distance)
      #expect(distance <= 5 * (Double(position) * 0x1p-23 + 0x1p-22), "position \(position)")
    }
    record("\(item.name): rotated", nearest)
    // Features that are not rotated stay the same, bit for bit.
    for (place, pair) in zip(queries.scalars, rotated.scalars).enumerated()
    where place % item.headDimension >= item.rotaryDimension {
      #expect(pair.0 == pair.1)
    }
  }

  /// Prints measurements if the environment variable is set.
  private func record(_ name: String, _ numbers: Double...) {
    guard ProcessInfo.processInfo.environment["ATTENTION_MEASURE"] != nil else { return }
    print("measured", name, numbers)
  }
}
