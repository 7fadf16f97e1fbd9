import Attention

/// What `config.json` files of different architectures have in common.
extension ConfigurationReader {
  /// Refuses a file of another architecture, and weights that are stored in a form of their own.
  ///
  /// - Throws: `ModelError.unsupported` with what is supported; `ModelError.configuration` for a missing
  ///   type.
  func requireArchitecture(_ supported: [String]) throws {
    let type = try string("model_type")
    guard supported.contains(type) else {
      throw ModelError.unsupported(
        path: path, what: "architecture \(printable(type))", supported: supported.sorted())
    }
    if let quantization = value("quantization_config") {
      let method = quantization.object?["quant_method"]?.string ?? "of unknown kind"
      throw ModelError.unsupported(
        path: path, what: "quantization_config \(printable(method))", supported: ["none"])
    }
    if let quantization = value("quantization")?.object, let bits = quantization["bits"]?.integer,
      let size = quantization["group_size"]?.integer
    {
      throw ModelError.unsupported(
        path: path,
        what:
          "quantization to \(bits) bits in groups of \(size), as MLX writes it: use the original "
          + "model, with weights of 16 or 32 bits",
        supported: ["none"])
    }
  }

  /// Refuses a variant that a key set to true would ask for.
  ///
  /// - Throws: `ModelError.unsupported` with the key.
  func refuse(_ key: String) throws {
    if try optionalBoolean(key) == true {
      throw ModelError.unsupported(path: path, what: "\(key): true", supported: ["false"])
    }
  }

  /// The function that a key names.
  ///
  /// - Throws: `ModelError.unsupported` with the names that are known.
  func activation(_ key: String, default name: String) throws -> Activation {
    let name = try optionalString(key) ?? name
    guard let activation = Activation(huggingFaceName: name) else {
      throw ModelError.unsupported(
        path: path, what: "\(key) \(printable(name))",
        supported: Activation.huggingFaceNames.keys.sorted())
    }
    return activation
  }

  /// ε of a normalisation, a positive number.
  func epsilon(_ key: String, default epsilon: Double) throws -> Float {
    Float(try optionalNumber(key, in: Double(Float.leastNonzeroMagnitude)...1) ?? epsilon)
  }

  /// The value of a key for which `null` means none; the default where the key is absent.
  func integer(
    _ key: String, in range: ClosedRange<Int>, orNullUnlessAbsent fallback: Int?
  ) throws -> Int? {
    object[key] == nil ? fallback : try optionalInteger(key, in: range)
  }

  /// The value of a key for which `null` means none; the default where the key is absent.
  func number(
    _ key: String, in range: ClosedRange<Double>, orNullUnlessAbsent fallback: Double?
  ) throws -> Double? {
    object[key] == nil ? fallback : try optionalNumber(key, in: range)
  }
}

extension WeightLoader {
  /// The vocabulary's table, and the output layer: the table again where the two are tied.
  ///
  /// Files of tied models may lack either tensor, or hold both: then they count as tied only if they are
  /// equal, as in `transformers`.
  ///
  /// - Parameters:
  ///   - table: the table's name, from this reader's prefix on.
  ///   - head: reads the output layer, `lm_head`.
  ///   - count: the number of token ids.
  func vocabulary(
    table: String, head: WeightLoader, count: Int, hiddenSize: Int, isTied: Bool
  ) throws -> (tokens: TokenEmbedding, output: Linear) {
    let isMissing = !contains("\(table).weight") && head.contains("lm_head.weight")
    let tokens =
      isTied && isMissing
      ? try head.tokenEmbedding("lm_head", count: count, hiddenSize: hiddenSize)
      : try tokenEmbedding(table, count: count, hiddenSize: hiddenSize)
    let isDifferent =
      try isTied && !isMissing && head.contains("lm_head.weight")
      && !checkpoint.areEqual("\(prefix)\(table).weight", "\(head.prefix)lm_head.weight")
    guard !isTied || isDifferent else { return (tokens, tokens.output) }
    return (tokens, try head.linear("lm_head", from: hiddenSize, to: count, bias: .none))
  }
}
