import Attention

extension DecoderDescription {
  /// Reads the experts of Qwen's mixtures: their sizes, and the blocks that have any.
  ///
  /// - Parameters:
  ///   - defaults: the sizes for missing keys.
  ///   - countKeys: the keys of the number of experts; the first one in the file counts.
  mutating func readExperts(
    _ config: ConfigurationReader, defaults: ExpertSizes, countKeys: [String]
  ) throws {
    var sizes = defaults
    let countKey = countKeys.first { config.object[$0] != nil } ?? countKeys[0]
    sizes.count = try config.integer(countKey, in: 0...100_000, default: defaults.count)
    sizes.activeCount = try config.integer(
      "num_experts_per_tok", in: 1...100_000, default: defaults.activeCount)
    sizes.intermediateSize = try config.integer(
      "moe_intermediate_size", in: 1...10_000_000, default: defaults.intermediateSize)
    sizes.normalizesWeights =
      try config.optionalBoolean("norm_topk_prob") ?? defaults.normalizesWeights
    if let shared = defaults.sharedIntermediateSize {
      sizes.sharedIntermediateSize = try config.integer(
        "shared_expert_intermediate_size", in: 1...10_000_000, default: shared)
    }
    let step = try config.integer("decoder_sparse_step", in: 1...1_000_000, default: 1)
    let dense = try config.optionalArray("mlp_only_layers")?.map { layer in
      guard let index = layer.integer else {
        throw config.mismatch("mlp_only_layers", expected: "integers", layer)
      }
      return index
    }
    for index in layers.indices {
      layers[index].hasExperts =
        sizes.count > 0 && (index + 1).isMultiple(of: step) && !(dense ?? []).contains(index)
    }
    try setExperts(sizes, config)
  }

  /// Sets the sizes of the experts.
  ///
  /// - Throws: `ModelError.configuration` if a token would use more experts than there are.
  mutating func setExperts(_ sizes: ExpertSizes, _ config: ConfigurationReader) throws {
    guard layers.contains(where: \.hasExperts) else { return }
    guard sizes.activeCount <= sizes.count else {
      throw config.failure(
        "num_experts_per_tok \(sizes.activeCount) is more than the number of experts, "
          + "\(sizes.count)")
    }
    experts = sizes
  }
}
