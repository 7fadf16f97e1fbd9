import Attention

/// The operator and its gradients against another framework.
enum AgainstAttention {
  static func measure(
    _ files: AgainstFiles
  ) throws -> @Sendable (VerificationSubject) throws -> ErrorMeter {
    let x = OperatorArguments(
      queries: try files.tensor("queries"), keys: try files.tensor("keys"),
      values: try files.tensor("values"), options: try options(files), description: "")
    let bounds = try OperatorResults(x).bounds
    let output = try files.expected("output")
    let logSumExp = files.has("log_sum_exp") ? try files.expected("log_sum_exp") : nil
    let gradients = try files.has("output_gradient") ? AgainstGradients(x, files) : nil
    return { subject in
      var meter = ErrorMeter()
      try withCompute(backend: subject.backend, threads: 2) {
        let found = try attention(
          queries: x.queries, keys: x.keys, values: x.values, options: x.options,
          returning: .logSumExp)
        meter.add(found.output.scalars, output.numbers, within: output.bound(bounds.output))
        if let logSumExp {
          meter.add(
            found.logSumExp?.scalars ?? [], logSumExp.numbers,
            within: logSumExp.bound(bounds.logSumExp))
        }
        try gradients?.compare(&meter)
      }
      return meter
    }
  }

  /// The options in `case.json` and in arrays.
  private static func options(_ files: AgainstFiles) throws -> AttentionOptions {
    let reader = files.reader
    var options = AttentionOptions(
      scale: try files.number("scale"), softcap: try files.number("softcap"),
      bias: try files.optionalTensor("bias"), sinks: try files.optionalTensor("sinks"),
      lengths: try files.integers("lengths"), keyLengths: try files.integers("key_lengths"))
    if let slopes = try files.optionalTensor("alibi_slopes") {
      options.modifiers = [LinearBias(slopes: slopes.scalars)]
    }
    func alignment(_ key: String) throws -> AttentionMask.Alignment? {
      try reader.optionalString(key).map { name in
        guard let alignment = AttentionMask.Alignment(rawValue: name) else {
          throw reader.failure(
            "\(key): expected bottom-right or top-left, got \(name.debugDescription)")
        }
        return alignment
      }
    }
    if let causal = try alignment("causal") {
      options.mask = options.mask.intersection(.causal(alignment: causal))
    }
    if let window = try files.integers("window") {
      guard window.count == 2 else {
        throw reader.failure("window: expected 2 integers, got \(window.count)")
      }
      let reach = window.map { $0 < 0 ? nil : $0 }
      options.mask = options.mask.intersection(.window(left: reach[0], right: reach[1]))
    }
    if files.has("mask") {
      options.mask = options.mask.intersection(
        .keeping(try BooleanTensor(npy: files.file("mask"))))
    }
    return options
  }
}

/// The gradients of the operator against another framework.
private struct AgainstGradients: Sendable {
  private let x: OperatorArguments
  private let outputGradient: Tensor
  private let expected: [(result: AgainstResult, bound: Double)]
  private let hasBias: Bool

  init(_ x: OperatorArguments, _ files: AgainstFiles) throws {
    self.x = x
    outputGradient = try files.tensor("output_gradient")
    hasBias = files.has("dbias")
    let bounds = try GradientResults(x, outputGradient: outputGradient).bounds
    expected = try (["dq", "dk", "dv"] + (hasBias ? ["dbias"] : [])).enumerated().map {
      index, name in
      let result = try files.expected(name)
      return (result, result.bound(bounds[index]))
    }
  }

  func compare(_ meter: inout ErrorMeter) throws {
    let found = try attentionGradients(
      of: outputGradient, queries: x.queries, keys: x.keys, values: x.values, options: x.options)
    let tensors = [found.queries, found.keys, found.values] + (hasBias ? [found.bias] : [])
    for (tensor, (result, bound)) in zip(tensors, expected) {
      meter.add(tensor?.scalars ?? [], result.numbers, within: bound)
    }
  }
}
