import Attention

/// Layers against another framework, with the names of PyTorch's parameters.
enum AgainstLayers {
  static func measure(
    _ kind: AgainstCase.Operation, _ files: AgainstFiles
  ) throws -> @Sendable (VerificationSubject) throws -> ErrorMeter {
    let x = try files.tensor("input")
    let body: @Sendable () throws -> Tensor
    switch kind {
    case .linear:
      let layer = try Linear(
        weight: files.tensor("weight"), bias: files.optionalTensor("bias"))
      body = { try layer(x) }
    case .layerNorm:
      let norm = try LayerNorm(
        weight: files.tensor("weight"), bias: files.tensor("bias"), epsilon: epsilon(files))
      body = { try norm(x) }
    case .rmsNorm:
      let norm = try RMSNorm(weight: files.tensor("weight"), epsilon: epsilon(files))
      body = { try norm(x) }
    case .multiHeadAttention:
      var tensors: [String: Tensor] = [:]
      for name in [
        "in_proj_weight", "in_proj_bias", "q_proj_weight", "k_proj_weight", "v_proj_weight",
        "out_proj.weight", "out_proj.bias", "bias_k", "bias_v",
      ] { tensors[name] = try files.optionalTensor(name) }
      let layer = try MultiHeadAttention(
        stateDictionary: tensors, headCount: files.reader.integer("heads", in: 1...1_000_000),
        addsZeroAttention: files.reader.optionalBoolean("add_zero_attn") ?? false)
      let encoderOutput = try files.optionalTensor("encoder_output")
      var options = AttentionOptions(
        lengths: try files.integers("lengths"), keyLengths: try files.integers("key_lengths"))
      if try files.reader.optionalString("causal") != nil { options.mask = .causal }
      let chosen = options
      body = { try layer(x, encoderOutput: encoderOutput, options: chosen) }
    case .attention, .encoder, .languageModel:
      preconditionFailure("not a layer")
    }
    return try AgainstComposite.measure(files.expected("output"), body)
  }

  private static func epsilon(_ files: AgainstFiles) throws -> Float {
    Float(try files.reader.number("epsilon", in: 0...1))
  }
}

/// A chain of layers against another framework.
enum AgainstComposite {
  static func measure(
    _ expected: AgainstResult, _ body: @escaping @Sendable () throws -> Tensor
  ) throws -> @Sendable (VerificationSubject) throws -> ErrorMeter {
    // The bound comes from this package's own computations, so that a wrong expected result cannot
    // loosen it.
    let bound = expected.bound(try CompositeResult(body).bound)
    return { subject in
      var meter = ErrorMeter()
      meter.add(try subject.scalars(body), expected.numbers, within: bound)
      return meter
    }
  }
}
