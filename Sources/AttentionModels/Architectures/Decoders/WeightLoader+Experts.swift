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
    let experts = try (0..<sizes.count).map { expert in
      let (up, gate, down): (Linear, Linear, Linear)
      if isStacked {
        func half(_ outputs: Range<Int>) throws -> Linear {
          try loader.stacked(
            "experts.gate_up_proj", expert, of: sizes.count, from: input, to: 2 * inner,
            outputs: outputs)
        }
        (gate, up) = (try half(0..<inner), try half(inner..<2 * inner))
        down = try loader.stacked(
          "experts.down_proj", expert, of: sizes.count, from: inner, to: input, outputs: 0..<input)
      } else {
        let loader = loader.nested("experts.\(expert)")
        up = try loader.linear(names.up, from: input, to: inner, bias: .none)
        gate = try loader.linear(names.gate, from: input, to: inner, bias: .none)
        down = try loader.linear(names.down, from: inner, to: input, bias: .none)
      }
      return try FeedForward(
        upProjection: up, gateProjection: gate, activation: decoder.activation, downProjection: down
      )
    }
    let shared = try sizes.sharedIntermediateSize.map { size in
      let loader = loader.nested("shared_expert")
      return try FeedForward(
        upProjection: loader.linear("up_proj", from: input, to: size, bias: .none),
        gateProjection: loader.linear("gate_proj", from: input, to: size, bias: .none),
        activation: decoder.activation,
        downProjection: loader.linear("down_proj", from: size, to: input, bias: .none))
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
