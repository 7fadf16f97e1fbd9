import Attention

extension RotaryEmbedding {
  /// Reads a rotary embedding from `config.json`: from `rope_parameters`, as transformers 5 writes it, or
  /// from `rope_theta` and `rope_scaling`.
  ///
  /// - Parameters:
  ///   - headDimension: the number of features of a head, all of which are rotated.
  ///   - contextLength: `max_position_embeddings` of the configuration.
  ///   - defaultBase: the base for a missing key.
  /// - Throws: `ModelError.unsupported` for an unsupported kind of scaling; `ModelError.configuration`
  ///   naming an invalid key.
  init(
    _ config: ConfigurationReader, headDimension: Int, contextLength: Int,
    defaultBase: Double = 10_000
  ) throws {
    let parameters = try Self.parameters(config)
    for reader in [config, parameters].compactMap(\.self) {
      let share = try reader.optionalNumber("partial_rotary_factor", in: 0...1) ?? 1
      guard share == 1 else {
        throw ModelError.unsupported(
          path: config.path, what: "partial_rotary_factor \(share)", supported: ["1"])
      }
    }
    let bases = 1.nextUp...1e30
    let base =
      try parameters?.optionalNumber("rope_theta", in: bases)
      ?? config.optionalNumber("rope_theta", in: bases) ?? defaultBase
    self = try config.rotaryEmbedding {
      try RotaryEmbedding(
        headDimension: headDimension, base: base,
        scaling: parameters.map { try Self.scaling($0, config, contextLength: contextLength) }
          ?? .none)
    }
  }

  /// The object with the scaling: `rope_scaling` if it is not empty, else `rope_parameters`.
  private static func parameters(_ config: ConfigurationReader) throws -> ConfigurationReader? {
    let old = try config.optionalNested("rope_scaling")
    let parameters = old?.object.count ?? 0 > 0 ? old : try config.optionalNested("rope_parameters")
    if let parameters, parameters.object.members.contains(where: { $0.value.object != nil }) {
      throw ModelError.unsupported(
        path: config.path, what: "rope_parameters that differ between layer types", supported: [])
    }
    return parameters
  }

  private static func scaling(
    _ parameters: ConfigurationReader, _ config: ConfigurationReader, contextLength: Int
  ) throws -> RotaryScaling {
    let positive = 1e-9...1e9
    let lengths = 1...1_000_000_000
    let type =
      try parameters.optionalString("rope_type") ?? parameters.optionalString("type") ?? "default"
    func originalLength() throws -> Int {
      // The outer key takes precedence.
      try config.optionalInteger("original_max_position_embeddings", in: lengths)
        ?? parameters.optionalInteger("original_max_position_embeddings", in: lengths)
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
    default:
      throw ModelError.unsupported(
        path: config.path, what: "rope_type \(printable(type))",
        supported: ["default", "dynamic", "linear", "llama3", "yarn"])
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
