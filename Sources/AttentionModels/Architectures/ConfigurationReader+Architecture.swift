import Attention

/// Checks and values that the `config.json` files of all architectures share.
extension ConfigurationReader {
  /// Checks that `model_type` is supported and that the weights are not quantized.
  ///
  /// - Throws: `ModelError.unsupported` with the supported values; `ModelError.configuration` if
  ///   `model_type` is missing.
  func requireArchitecture(_ supported: [String]) throws {
    let type = try string("model_type")
    guard supported.contains(type) else {
      throw unsupportedArchitecture(type, supported: supported)
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

  /// The error for a `model_type` that is not supported.
  func unsupportedArchitecture(_ type: String, supported: [String]) -> ModelError {
    .unsupported(
      path: path, what: "architecture \(printable(type))", supported: supported.sorted())
  }

  /// Checks that a key is missing or false.
  ///
  /// - Throws: `ModelError.unsupported` with the key.
  func refuse(_ key: String) throws {
    if try optionalBoolean(key) == true {
      throw ModelError.unsupported(path: path, what: "\(key): true", supported: ["false"])
    }
  }

  /// Checks that a key has one of the supported values; a missing key has the default value.
  ///
  /// - Throws: `ModelError.unsupported` with the key, its value and the supported values.
  func require(_ key: String, oneOf supported: [String], default value: String) throws {
    let value = try optionalString(key) ?? value
    guard supported.contains(value) else {
      throw ModelError.unsupported(
        path: path, what: "\(key) \(printable(value))", supported: supported)
    }
  }

  /// The activation function that a key names.
  ///
  /// - Throws: `ModelError.unsupported` with the supported names.
  func activation(_ key: String, default name: String) throws -> Activation {
    let name = try optionalString(key) ?? name
    guard let activation = Activation(huggingFaceName: name) else {
      throw ModelError.unsupported(
        path: path, what: "\(key) \(printable(name))",
        supported: Activation.huggingFaceNames.keys.sorted())
    }
    return activation
  }

  /// ε of a norm, a positive number.
  func epsilon(_ key: String, default epsilon: Double) throws -> Float {
    Float(try optionalNumber(key, in: Double(Float.leastNonzeroMagnitude)...1) ?? epsilon)
  }

  /// The value of a key: nil for `null`, the default for a missing key.
  func integer(
    _ key: String, in range: ClosedRange<Int>, orNullUnlessAbsent default: Int?
  ) throws -> Int? {
    object[key] == nil ? `default` : try optionalInteger(key, in: range)
  }

  /// The value of a key: nil for `null`, the default for a missing key.
  func number(
    _ key: String, in range: ClosedRange<Double>, orNullUnlessAbsent default: Double?
  ) throws -> Double? {
    object[key] == nil ? `default` : try optionalNumber(key, in: range)
  }
}

// MARK: - Windows

extension ConfigurationReader {
  /// `sliding_window`: nil for `null`, the default for a missing key.
  func slidingWindow(default: Int?) throws -> Int? {
    try integer("sliding_window", in: 1...1_000_000_000, orNullUnlessAbsent: `default`)
  }

  /// Whether each block has a window in `layer_types`; nil if there is no such key.
  func windowedLayers(count: Int) throws -> [Bool]? {
    guard let types = try optionalArray("layer_types") else { return nil }
    guard types.count == count else {
      throw failure(
        "layer_types: expected \(count), one per layer of num_hidden_layers, got \(types.count)")
    }
    return try types.map { type in
      switch type.string {
      case "full_attention": return false
      case "sliding_attention": return true
      case let name?:
        throw ModelError.unsupported(
          path: path, what: "layer type \(printable(name))",
          supported: ["full_attention", "sliding_attention"])
      case nil:
        throw mismatch("layer_types", expected: "strings", type)
      }
    }
  }
}
