extension MultiHeadAttention {
  /// A layer from the state dictionary of a PyTorch `MultiheadAttention`.
  ///
  /// ```swift
  /// let layer = try MultiHeadAttention(
  ///   stateDictionary: tensors, headCount: 8, prefix: "encoder.layers.0.self_attn.")
  /// ```
  ///
  /// With H heads of dimension d, G key-value heads, and hidden size E:
  ///
  /// | name               | shape                       |                                 |
  /// | ------------------ | --------------------------- | ------------------------------- |
  /// | `in_proj_weight`   | `[(H + 2G) d, E]`           | W_Q, W_K and W_V, concatenated  |
  /// | or `q_proj_weight` | `[H d, E]`                  |                                 |
  /// | `k_proj_weight`    | `[G d, features of keys]`   |                                 |
  /// | `v_proj_weight`    | `[G d, features of values]` |                                 |
  /// | `out_proj.weight`  | `[E, H d]`                  |                                 |
  /// | `in_proj_bias`     | `[(H + 2G) d]`              | both biases or neither          |
  /// | `out_proj.bias`    | `[E]`                       |                                 |
  /// | `bias_k`, `bias_v` | `[1, 1, G d]`               | optional appended key and value |
  ///
  /// In PyTorch, G = H. `StateDictionary` of `AttentionModels` reads the tensors from a safetensors
  /// file.
  ///
  /// - Parameters:
  ///   - stateDictionary: tensors by name.
  ///   - headCount: H.
  ///   - prefix: the prefix of the names, with its dot; tensors without the prefix are ignored.
  ///   - keyValueHeadCount: G; nil means H.
  ///   - rotary: rotary embedding of queries and keys; nil for none.
  ///   - addsZeroAttention: whether to add a key of zeros (`add_zero_attn`).
  /// - Throws: `AttentionError.argument` naming a missing tensor, or tensors that the layer does
  ///   not use; `AttentionError.shape` naming a tensor, with its shape and the expected shape; and
  ///   as the other initializers.
  /// - Source: PyTorch's `torch.nn.MultiheadAttention`.
  public init(
    stateDictionary: [String: Tensor], headCount: Int, prefix: String = "",
    keyValueHeadCount: Int? = nil, rotary: RotaryEmbedding? = nil, addsZeroAttention: Bool = false
  ) throws {
    let groups = try Self.groupCount(headCount: headCount, keyValueHeadCount: keyValueHeadCount)
    var tensors = LayerTensors(stateDictionary, prefix: prefix)

    let output = try tensors.matrix("out_proj.weight", rows: nil, columns: nil)
    let (hiddenSize, innerDimension) = (output.shape[0], output.shape[1])
    guard innerDimension % headCount == 0 else {
      throw AttentionError.argument(
        "\(prefix)out_proj.weight",
        reason: "\(innerDimension) columns are not divisible by \(headCount) heads")
    }
    let groupDimension = innerDimension / headCount * groups
    let ends = [
      0, innerDimension, innerDimension + groupDimension, innerDimension + 2 * groupDimension,
    ]
    let parts = (0..<3).map { ends[$0]..<ends[$0 + 1] }

    let weights: [Tensor]
    if tensors.contains("q_proj_weight") {
      weights = [
        try tensors.matrix("q_proj_weight", rows: innerDimension, columns: hiddenSize),
        try tensors.matrix("k_proj_weight", rows: groupDimension, columns: nil),
        try tensors.matrix("v_proj_weight", rows: groupDimension, columns: nil),
      ]
    } else {
      let packed = try tensors.matrix("in_proj_weight", rows: ends[3], columns: hiddenSize)
      weights = try parts.map { try packed.rows($0) }
    }

    var biases: [Tensor?] = [nil, nil, nil]
    var outputBias: Tensor?
    if tensors.contains("in_proj_bias") || tensors.contains("out_proj.bias") {
      let packed = try tensors.tensor("in_proj_bias", [ends[3]])
      biases = try parts.map { try packed.rows($0) }
      outputBias = try tensors.tensor("out_proj.bias", [hiddenSize])
    }

    var appendedKeys = AppendedKeys(addsZeroAttention: addsZeroAttention)
    if tensors.contains("bias_k") || tensors.contains("bias_v") {
      let heads: Shape = [groups, innerDimension / headCount]
      appendedKeys.biasKeyValue = (
        key: try tensors.tensor("bias_k", [1, 1, groupDimension]).reshaped(to: heads),
        value: try tensors.tensor("bias_v", [1, 1, groupDimension]).reshaped(to: heads)
      )
    }
    try tensors.requireAllUsed()

    try self.init(
      query: Linear(weight: weights[0], bias: biases[0]),
      key: Linear(weight: weights[1], bias: biases[1]),
      value: Linear(weight: weights[2], bias: biases[2]),
      output: Linear(weight: output, bias: outputBias), headCount: headCount,
      keyValueHeadCount: groups, rotary: rotary, appendedKeys: appendedKeys)
  }
}

/// The tensors of one layer in a state dictionary. Records which ones are used.
private struct LayerTensors {
  private let tensors: [String: Tensor]
  private let prefix: String
  private var used: Set<String> = []

  init(_ tensors: [String: Tensor], prefix: String) {
    self.tensors = tensors.filter { $0.key.hasPrefix(prefix) }
    self.prefix = prefix
  }

  func contains(_ name: String) -> Bool { tensors[prefix + name] != nil }

  /// The tensor with this name, which must have this shape.
  mutating func tensor(_ name: String, _ shape: Shape) throws -> Tensor {
    let tensor = try named(name)
    guard tensor.shape == shape else {
      throw AttentionError.shape(argument: prefix + name, expected: "\(shape)", got: tensor.shape)
    }
    return tensor
  }

  /// The matrix with this name; nil allows any number of rows or columns except 0.
  mutating func matrix(_ name: String, rows: Int?, columns: Int?) throws -> Tensor {
    let tensor = try named(name)
    guard tensor.shape.rank == 2, tensor.count > 0, tensor.shape[0] == rows ?? tensor.shape[0],
      tensor.shape[1] == columns ?? tensor.shape[1]
    else {
      let extents = [rows, columns].map { $0.map { "\($0)" } ?? "any" }
      throw AttentionError.shape(
        argument: prefix + name, expected: "[\(extents.joined(separator: ", "))]",
        got: tensor.shape)
    }
    return tensor
  }

  private mutating func named(_ name: String) throws -> Tensor {
    guard let tensor = tensors[prefix + name] else {
      throw AttentionError.argument(
        prefix + name, reason: "missing tensor; found \(Self.list(tensors.keys))")
    }
    used.insert(prefix + name)
    return tensor
  }

  /// Throws if the layer did not use a tensor with the prefix.
  func requireAllUsed() throws {
    let others = Set(tensors.keys).subtracting(used)
    guard others.isEmpty else {
      throw AttentionError.argument(
        "state dictionary", reason: "unexpected tensors \(Self.list(others))")
    }
  }

  /// The first few names, sorted.
  private static func list(_ names: some Collection<String>) -> String {
    let shown = 8
    let first = names.sorted().prefix(shown).joined(separator: ", ")
    return names.isEmpty ? "none" : names.count > shown ? "\(first), …" : first
  }
}
