import Attention

/// The keys of rotary positions in `config.json`, and the defaults of a family.
struct RotaryKeys: Sendable {
  /// The key of the base outside of `rope_parameters`.
  var base = "rope_theta"
  var defaultBase = 10_000.0
  /// The key of the share of a head's features that are rotated; nil if the family rotates all features.
  var share: String?
  var defaultShare = 1.0
  /// The context length before an extension for a missing key; nil for `max_position_embeddings`.
  var defaultOriginalLength: Int?
  /// Names of scalings that mean another one in this family.
  var otherNames: [String: String] = [:]
}

extension RotaryEmbedding {
  /// Reads a rotary embedding from `config.json`: from `rope_parameters`, as transformers 5 writes it, or
  /// from `rope_theta` and `rope_scaling`.
  ///
  /// - Parameters:
  ///   - headDimension: the number of features of a head.
  ///   - contextLength: `max_position_embeddings` of the configuration.
  /// - Returns: nil if no feature is rotated.
  /// - Throws: `ModelError.unsupported` for an unsupported kind of scaling; `ModelError.configuration`
  ///   naming an invalid key.
  static func read(
    _ config: ConfigurationReader, _ keys: RotaryKeys = RotaryKeys(), headDimension: Int,
    contextLength: Int
  ) throws -> RotaryEmbedding? {
    let old = try config.optionalNested("rope_scaling")
    let parameters = old?.object.count ?? 0 > 0 ? old : try config.optionalNested("rope_parameters")
    if let parameters, parameters.object.members.contains(where: { $0.value.object != nil }) {
      throw ModelError.unsupported(
        path: config.path, what: "rope_parameters that differ between layer types", supported: [])
    }
    return try read(
      config, keys, parameters: parameters, headDimension: headDimension,
      contextLength: contextLength)
  }

  /// - Parameter parameters: the object with the scaling; nil for none.
  static func read(
    _ config: ConfigurationReader, _ keys: RotaryKeys, parameters: ConfigurationReader?,
    headDimension: Int, contextLength: Int
  ) throws -> RotaryEmbedding? {
    let bases = 1.nextUp...1e30
    let base =
      try parameters?.optionalNumber("rope_theta", in: bases)
      ?? config.optionalNumber(keys.base, in: bases) ?? keys.defaultBase
    let scaling =
      try parameters.map { try Self.scaling($0, config, keys, contextLength: contextLength) }
      ?? .none
    let dimension = try rotaryDimension(
      config, keys, parameters, isScaled: scaling != .none, headDimension: headDimension)
    guard dimension > 0 else { return nil }
    guard dimension.isMultiple(of: 2) else {
      throw config.failure(
        dimension == headDimension
          ? "the head dimension \(dimension) is not even, as rotary positions require"
          : "\(dimension) of \(headDimension) features of a head are rotated, not an even number")
    }
    return try config.rotaryEmbedding {
      try RotaryEmbedding(
        headDimension: headDimension, rotaryDimension: dimension, base: base, scaling: scaling)
    }
  }

  /// The number of rotated features of a head.
  private static func rotaryDimension(
    _ config: ConfigurationReader, _ keys: RotaryKeys, _ parameters: ConfigurationReader?,
    isScaled: Bool, headDimension: Int
  ) throws -> Int {
    let shares = 0.0...1.0
    if let key = keys.share {
      let share =
        try parameters?.optionalNumber("partial_rotary_factor", in: shares)
        ?? config.optionalNumber(key, in: shares) ?? keys.defaultShare
      return Int(Double(headDimension) * share)
    }
    // In the other families, transformers ignores the share, and fails if there is also a scaling.
    for reader in [config, parameters].compactMap(\.self) where isScaled {
      let share = try reader.optionalNumber("partial_rotary_factor", in: shares) ?? 1
      guard share == 1 else {
        throw ModelError.unsupported(
          path: config.path, what: "partial_rotary_factor \(share)", supported: ["1"])
      }
    }
    return headDimension
  }

  private static func scaling(
    _ parameters: ConfigurationReader, _ config: ConfigurationReader, _ keys: RotaryKeys,
    contextLength: Int
  ) throws -> RotaryScaling {
    let positive = 1e-9...1e9
    let lengths = 1...1_000_000_000
    let name =
      try parameters.optionalString("rope_type") ?? parameters.optionalString("type") ?? "default"
    let type = keys.otherNames[name] ?? name
    func originalLength() throws -> Int {
      // The outer key takes precedence.
      try config.optionalInteger("original_max_position_embeddings", in: lengths)
        ?? keys.defaultOriginalLength ?? parameters.optionalInteger(
          "original_max_position_embeddings", in: lengths)
        ?? contextLength
    }
    switch type {
    case "default":
      return .none
    case "linear":
      return .linear(factor: try parameters.number("factor", in: positive))
    case "dynamic":
      return .dynamicNTK(
        factor: try parameters.number("factor", in: positive), originalLength: contextLength)
    case "llama3":
      return .llama3(
        Llama3Scaling(
          factor: try parameters.number("factor", in: positive),
          lowFrequencyFactor: try parameters.number("low_freq_factor", in: positive),
          highFrequencyFactor: try parameters.number("high_freq_factor", in: positive),
          originalLength: try originalLength()))
    case "yarn":
      let original = try originalLength()
      func beta(_ key: String, default: Double) throws -> Double {
        let beta = try parameters.optionalNumber(key, in: 0...1e9) ?? 0
        return beta == 0 ? `default` : beta
      }
      return .yarn(
        YaRNScaling(
          factor: try parameters.optionalNumber("factor", in: positive)
            ?? Double(contextLength) / Double(original),
          originalLength: original, betaFast: try beta("beta_fast", default: 32),
          betaSlow: try beta("beta_slow", default: 1),
          attentionFactor: try parameters.optionalNumber("attention_factor", in: 0...1e9),
          mscale: try parameters.optionalNumber("mscale", in: 0...1e9),
          mscaleAllDimensions: try parameters.optionalNumber("mscale_all_dim", in: 0...1e9),
          truncatesRange: try parameters.optionalBoolean("truncate") ?? true))
    case "longrope":
      let original = try originalLength()
      return .longRoPE(
        LongRoPEScaling(
          shortFactors: try factors("short_factor", parameters),
          longFactors: try factors("long_factor", parameters), originalLength: original,
          factor: try parameters.optionalNumber("factor", in: positive)
            ?? Double(contextLength) / Double(original),
          attentionFactor: try parameters.optionalNumber("attention_factor", in: 0...1e9)))
    default:
      throw ModelError.unsupported(
        path: config.path, what: "rope_type \(printable(name))",
        supported: ["default", "dynamic", "linear", "llama3", "longrope", "yarn"])
    }
  }

  /// The divisors of LongRoPE, one per pair.
  private static func factors(_ key: String, _ parameters: ConfigurationReader) throws -> [Double] {
    try parameters.array(key).map { factor in
      guard let number = factor.number?.double else {
        throw parameters.mismatch(key, expected: "numbers", factor)
      }
      return number
    }
  }
}

extension ConfigurationReader {
  /// A rotary embedding with numbers from this file. An error names the file.
  func rotaryEmbedding(_ body: () throws -> RotaryEmbedding) throws -> RotaryEmbedding {
    do {
      return try body()
    } catch AttentionError.argument(let name, let reason) {
      throw failure("rotary embedding: \(name): \(reason)")
    }
  }
}
