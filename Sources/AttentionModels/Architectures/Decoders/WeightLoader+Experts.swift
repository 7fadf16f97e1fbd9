import Attention

extension WeightLoader {
  /// Reads a mixture of experts: from a matrix for each projection of each expert, or from
  /// `experts.gate_up_proj`, `[expert, 2 · intermediate size, hidden size]`, and `experts.down_proj`, as
  /// transformers 5 has them in memory.
  ///
  /// The router is always float32, because a rounded router would choose other experts.
  func mixtureOfExperts(
    _ sizes: ExpertSizes, _ names: DecoderNames.Experts, _ decoder: DecoderDescription
  ) throws -> MixtureOfExperts {
    let loader = nested(names.mixture)
    let (input, inner) = (decoder.hiddenSize, sizes.intermediateSize)
    let isStacked = loader.contains("experts.gate_up_proj")
    func expert(
      _ names: FeedForwardNames, in folder: String, intermediateSize: Int
    ) throws -> FeedForward {
      try loader.nested(folder).feedForward(
        names, hiddenSize: input, intermediateSize: intermediateSize,
        activation: decoder.activation, upBias: .none, downBias: .none)
    }
    func stackedExpert(_ index: Int) throws -> FeedForward {
      func half(_ outputs: Range<Int>) throws -> Linear {
        try loader.stacked(
          "experts.gate_up_proj", index, of: sizes.count, from: input, to: 2 * inner,
          outputs: outputs)
      }
      return try FeedForward(
        upProjection: half(inner..<2 * inner), gateProjection: half(0..<inner),
        activation: decoder.activation,
        downProjection: loader.stacked(
          "experts.down_proj", index, of: sizes.count, from: inner, to: input, outputs: 0..<input))
    }
    let experts = try (0..<sizes.count).map {
      isStacked
        ? try stackedExpert($0)
        : try expert(names.projections, in: "experts.\($0)", intermediateSize: inner)
    }
    let shared = try sizes.sharedIntermediateSize.map {
      try expert(.llama, in: "shared_expert", intermediateSize: $0)
    }
    let exact = loader.converting(to: .float32)
    return try MixtureOfExperts(
      router: exact.linear("gate", from: input, to: sizes.count, bias: .none), experts: experts,
      activeCount: sizes.activeCount, normalizesWeights: sizes.normalizesWeights,
      sharedExpert: shared,
      sharedGate: shared == nil
        ? nil : exact.linear("shared_expert_gate", from: input, to: 1, bias: .none))
  }
}
