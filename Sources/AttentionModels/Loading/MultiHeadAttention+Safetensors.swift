import Attention

extension MultiHeadAttention {
  /// The layer that a PyTorch `MultiheadAttention` saves, from a safetensors file.
  ///
  /// ```swift
  /// let weights = try StateDictionary(contentsOf: "encoder.safetensors")
  /// let layer = try MultiHeadAttention(
  ///   weights, headCount: 8, prefix: "encoder.layers.0.self_attn.")
  /// ```
  ///
  /// The names and shapes are those of `init(stateDictionary:headCount:prefix:…)`.
  ///
  /// - Parameters:
  ///   - stateDictionary: the file's tensors; those under `prefix` are read.
  ///   - headCount: the number of heads, which PyTorch's file does not say.
  ///   - prefix: what stands before the names, with its dot.
  ///   - keyValueHeadCount: the number of heads of keys and values; nil means `headCount`.
  ///   - rotary: turns queries and keys to their positions.
  ///   - addsZeroAttention: whether queries also see a key of zeros (`add_zero_attn`).
  /// - Throws: ``ModelError/weights(path:reason:)`` naming the file, and a tensor that is missing, has
  ///   another shape, has no place in the layer or cannot be read; `AttentionError.argument` naming "heads";
  ///   `AttentionError.memory`.
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
      // Errors about tensors name the file; the others are about the caller's arguments.
      switch error {
      case .argument("heads", _), .argument("rotary", _), .memory: throw error
      default: throw ModelError.weights(path: path, reason: printable("\(error)", limit: 500))
      }
    }
  }
}
