import Attention

extension MultiHeadAttention {
  /// Loads a layer that PyTorch's `MultiheadAttention` has saved, from a safetensors file.
  ///
  /// ```swift
  /// let weights = try StateDictionary(contentsOf: "encoder.safetensors")
  /// let layer = try MultiHeadAttention(
  ///   weights, headCount: 8, prefix: "encoder.layers.0.self_attn.")
  /// ```
  ///
  /// `init(stateDictionary:headCount:prefix:…)` lists the names and shapes.
  ///
  /// - Parameters:
  ///   - stateDictionary: the tensors of the file; the tensors with `prefix` are read.
  ///   - headCount: the number of heads, which PyTorch's file does not contain.
  ///   - prefix: the prefix of the names, including the dot.
  ///   - keyValueHeadCount: the number of heads of keys and values; nil means `headCount`.
  ///   - rotary: rotary position embedding of queries and keys.
  ///   - addsZeroAttention: whether queries also attend to a key of zeros (`add_zero_attn`).
  /// - Throws: ``ModelError/weights(path:reason:)`` naming the file, and a tensor that is missing, has
  ///   the wrong shape, is not part of the layer or cannot be read; `AttentionError.argument` naming
  ///   "heads"; `AttentionError.memory`.
  /// - Source: PyTorch's `torch.nn.MultiheadAttention`.
  public init(
    _ stateDictionary: StateDictionary, headCount: Int, prefix: String = "",
    keyValueHeadCount: Int? = nil, rotary: RotaryEmbedding? = nil, addsZeroAttention: Bool = false
  ) throws {
    let tensors = try stateDictionary.tensors(withPrefix: prefix)
    let path = stateDictionary.path(ofPrefix: prefix) ?? "state dictionary"
    do {
      try self.init(
        stateDictionary: tensors, headCount: headCount, prefix: prefix,
        keyValueHeadCount: keyValueHeadCount, rotary: rotary, addsZeroAttention: addsZeroAttention)
    } catch let error as AttentionError {
      // These errors are about the caller's arguments. Errors about tensors name the file.
      switch error {
      case .argument("heads", _), .argument("rotary", _), .memory: throw error
      default: throw ModelError.weights(path: path, reason: printable("\(error)", limit: 500))
      }
    }
  }
}
