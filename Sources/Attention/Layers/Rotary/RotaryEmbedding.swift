/// Rotary position embedding (RoPE): rotates pairs of a head's features by an angle proportional to
/// the token's position, so that the dot product of a query and a key depends on their distance.
///
///     x′₁ = m (x₁ cos pωᵢ − x₂ sin pωᵢ)
///     x′₂ = m (x₂ cos pωᵢ + x₁ sin pωᵢ)         ωᵢ = base^(−2i/d)
///
/// for each pair i of the first d = `rotaryDimension` features of a head, at position p. The other
/// features do not change. m is 1, except for YaRN and LongRoPE; scalings change ωᵢ.
///
/// ```swift
/// let rotary = try RotaryEmbedding(headDimension: 64, base: 500_000, scaling: .llama3(.init()))
/// let rotated = try rotary(queries, positions: [0, 1, 2, 3])
/// ```
///
/// Frequencies and angles are rounded to single precision, as in the code that models are trained
/// with, so results agree with that code. Compared to exact angles, cosines and sines then have an
/// error below p · 2⁻²³ at position p. At position 131,071, the measured error is 6e-3 in both
/// implementations.
///
/// - Source: Su et al. 2021, section 3.4.
public struct RotaryEmbedding: Sendable, Hashable {
  /// Which two features form pair i.
  public enum Layout: String, Sendable, Hashable, CaseIterable {
    /// i and d/2 + i, as in Llama and GPT-NeoX.
    case halfSplit = "half-split"
    /// 2i and 2i + 1, as in GPT-J and the paper.
    case interleaved
  }

  /// The number of features of a head.
  public let headDimension: Int
  /// d, the number of rotated features: the first of each head.
  public let rotaryDimension: Int
  /// The base of the wavelengths 2π base^(2i/d); also called θ.
  public let base: Double
  /// Which two features form a pair.
  public let layout: Layout
  /// How the frequencies change for sequences that are longer than in training.
  public let scaling: RotaryScaling
  /// m, the factor of cosines and sines.
  public let attentionFactor: Double

  /// The frequencies for every length; with scalings that depend on the length, up to the original length.
  private var fixedFrequencies: [Float] = []

  /// A rotary embedding with the given parameters.
  ///
  /// - Parameters:
  ///   - headDimension: the number of features of a head, at most 1,048,576.
  ///   - rotaryDimension: the number of rotated features, an even number; nil means all.
  ///   - base: more than 1.
  ///   - layout: which two features form a pair.
  ///   - scaling: how the frequencies change for long sequences.
  /// - Throws: `AttentionError.argument` naming the invalid argument: "rotary dimension",
  ///   "headDimension", "base", or a parameter of the scaling.
  public init(
    headDimension: Int, rotaryDimension: Int? = nil, base: Double = 10_000,
    layout: Layout = .halfSplit, scaling: RotaryScaling = .none
  ) throws {
    let dimension = rotaryDimension ?? headDimension
    guard dimension > 0, dimension.isMultiple(of: 2), dimension <= headDimension else {
      throw AttentionError.argument(
        "rotary dimension",
        reason: "expected an even number from 2 to the head dimension \(headDimension), "
          + "got \(dimension)")
    }
    guard headDimension <= DimensionLimit.headDimension else {
      throw AttentionError.argument(
        "headDimension",
        reason: "expected at most \(DimensionLimit.headDimension), got \(headDimension)")
    }
    guard base > 1, base.isFinite else {
      throw AttentionError.argument("base", reason: "expected a number above 1, got \(base)")
    }
    try scaling.validate(pairCount: dimension / 2)
    self.headDimension = headDimension
    self.rotaryDimension = dimension
    self.base = base
    self.layout = layout
    self.scaling = scaling
    self.attentionFactor = scaling.attentionFactor
    self.fixedFrequencies = inverseFrequencies()
  }

  /// The longest sequence with the frequencies of short sequences; nil if the length does not matter.
  private var lengthLimit: Int? {
    switch scaling {
    case .dynamicNTK(_, let originalLength): originalLength
    case .longRoPE(let longRoPE): longRoPE.originalLength
    case .none, .linear, .ntkAware, .fixedNTK, .yarn, .llama3: nil
    }
  }

  /// `inverseFrequencies(sequenceLength:)`, recomputed only if the length matters.
  func frequencies(length: Int) -> [Float] {
    guard let lengthLimit, length > lengthLimit else { return fixedFrequencies }
    return inverseFrequencies(sequenceLength: length)
  }

  /// Rotates each head of each token of one sequence.
  ///
  /// - Parameters:
  ///   - tensor: `[token, head, dimension]`.
  ///   - positions: one per token, in any order, from −2²⁴ to 2²⁴.
  ///   - sequenceLength: the length for dynamic scaling; nil means the largest position plus 1.
  /// - Returns: the same shape.
  /// - Throws: `AttentionError.shape` if the head dimension differs; `AttentionError.argument`
  ///   naming "positions" if their number is wrong or one is out of range; `AttentionError.memory`.
  public func callAsFunction(
    _ tensor: Tensor, positions: [Int], sequenceLength: Int? = nil
  ) throws -> Tensor {
    try cosSin(positions: positions, sequenceLength: sequenceLength)(tensor)
  }

  /// Rotates each head of each token of packed sequences.
  ///
  /// - Parameters:
  ///   - tensor: `[token, head, dimension]`.
  ///   - positions: the positions of the tokens in their sequences.
  ///   - lengths: the lengths of the sequences; nil means one sequence.
  /// - Returns: the same shape.
  /// - Throws: as the method for one sequence, and `AttentionError.argument` naming "lengths" if
  ///   they do not add up to the number of tokens.
  public func callAsFunction(
    _ tensor: Tensor, positions: TokenPositions = .fromStart, lengths: [Int]? = nil
  ) throws -> Tensor {
    let tokenCount = tensor.shape.dimensions.first ?? 0
    return try cosSin(tokenCount: tokenCount, positions: positions, lengths: lengths)(tensor)
  }

  /// The cosines and sines for one sequence, for repeated use.
  ///
  /// - Parameters:
  ///   - positions: one per token, in any order, from −2²⁴ to 2²⁴.
  ///   - sequenceLength: the length for dynamic scaling; nil means the largest position plus 1.
  /// - Throws: `AttentionError.argument` naming "positions" if one is out of range;
  ///   `AttentionError.memory`.
  public func cosSin(positions: [Int], sequenceLength: Int? = nil) throws -> RotaryCache {
    let tokens = 0..<positions.count
    let length = sequenceLength ?? Self.length(of: tokens, at: positions)
    return try RotaryCache(self, positions: positions, sequences: [(tokens, length)])
  }

  /// The cosines and sines for packed sequences, for repeated use.
  ///
  /// - Parameters:
  ///   - tokenCount: the number of tokens of all sequences.
  ///   - positions: the positions of the tokens in their sequences.
  ///   - lengths: the lengths of the sequences; nil means one sequence.
  /// - Throws: `AttentionError.argument` naming "positions" or "lengths"; `AttentionError.memory`.
  public func cosSin(
    tokenCount: Int, positions: TokenPositions = .fromStart, lengths: [Int]? = nil
  ) throws -> RotaryCache {
    guard tokenCount >= 0 else {
      throw AttentionError.argument(
        "tokenCount", reason: "expected at least 0, got \(tokenCount)")
    }
    let sequences = try packedRanges(
      lengths ?? [tokenCount], total: tokenCount, name: "lengths", of: "the input")
    let positions = try positions.resolved(sequences)
    return try RotaryCache(
      self, positions: positions,
      sequences: sequences.map { ($0, Self.length(of: $0, at: positions)) })
  }

  /// The largest position of a range of tokens, plus 1: the current length of their sequence.
  static func length(of tokens: Range<Int>, at positions: [Int]) -> Int {
    // A position that is out of range throws an error later. Until then, the arithmetic must not
    // overflow.
    positions[tokens].reduce(0) { max($0, $1.addingReportingOverflow(1).partialValue) }
  }

  /// Rotates queries and keys of packed sequences, in place unless their storage is shared.
  ///
  /// Dynamic scaling uses the larger length of a sequence's queries and keys, so that both have the
  /// same frequencies.
  func apply(
    queries: inout Tensor, keys: inout Tensor, options: AttentionOptions,
    positions: TokenPositions, keyPositions: TokenPositions
  ) throws {
    let lengths = options.lengths ?? [queries.shape[0]]
    let keyLengths = options.keyLengths ?? options.lengths ?? [keys.shape[0]]
    let sequences = try packedRanges(
      lengths, total: queries.shape[0], name: "lengths", of: "queries")
    let keySequences = try packedRanges(
      keyLengths, total: keys.shape[0], name: options.keyLengths == nil ? "lengths" : "keyLengths",
      of: "keys")
    guard sequences.count == keySequences.count else {
      throw AttentionError.argument(
        "keyLengths",
        reason: "expected \(sequences.count) lengths, one per sequence of queries, "
          + "got \(keySequences.count)")
    }
    let places = try positions.resolved(sequences)
    let keyPlaces = try keyPositions.resolved(keySequences)
    let reaches = zip(sequences, keySequences).map {
      max(Self.length(of: $0, at: places), Self.length(of: $1, at: keyPlaces))
    }
    let cache = try RotaryCache(
      self, positions: places, sequences: Array(zip(sequences, reaches)).map { ($0, $1) })
    try cache.apply(to: &queries)
    guard keySequences != sequences || keyPlaces != places else {
      return try cache.apply(to: &keys)
    }
    try RotaryCache(
      self, positions: keyPlaces, sequences: Array(zip(keySequences, reaches)).map { ($0, $1) }
    ).apply(to: &keys)
  }
}
