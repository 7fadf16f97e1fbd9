import Attention
import AttentionCore

/// A step between pooling and the embedding, from a module of sentence-transformers.
enum EmbeddingStep: Sendable {
  /// v ← f(W v + b), or f(W v + b) + R v with a residual connection, whose matrix may be missing.
  case dense(EmbeddingDense)
  /// v ← norm(v).
  case norm(LayerNorm)
  /// v ← v / |v|.
  case normalize

  /// The number of features after a step, for `count` features before it.
  func outputSize(_ count: Int) -> Int {
    if case .dense(let dense) = self { dense.linear.outputSize } else { count }
  }

  /// The number of features that the step requires; nil for any number.
  var inputSize: Int? {
    switch self {
    case .dense(let dense): dense.linear.inputSize
    case .norm(let norm): norm.featureCount
    case .normalize: nil
    }
  }

  /// Applies the step to each row of `embeddings`, `[text, feature]`.
  func callAsFunction(_ embeddings: Tensor) throws -> Tensor {
    switch self {
    case .dense(let dense): return try dense(embeddings)
    case .norm(let norm): return try norm(embeddings)
    case .normalize:
      var embeddings = embeddings
      try embeddings.normalizeRows()
      return embeddings
    }
  }
}

/// The module `Dense` of sentence-transformers.
struct EmbeddingDense: Sendable {
  let linear: Linear
  /// nil for the identity.
  let activation: Activation?
  /// R; nil for the identity.
  let residual: Linear?
  let hasResidual: Bool

  func callAsFunction(_ input: Tensor) throws -> Tensor {
    var output = try linear(input)
    if let activation { output = try activation(output) }
    if hasResidual { try output.add(residual?(input) ?? input) }
    return output
  }
}

extension EmbeddingStep {
  private static let activations: [String: Activation?] = [
    "Identity": nil, "Tanh": .tanh, "GELU": .gelu, "ReLU": .relu, "SiLU": .silu,
  ]

  /// Reads the module `Dense` in a folder.
  static func dense(_ folder: ModelDirectory, format: WeightFormat?) throws -> EmbeddingStep {
    let config = try ConfigurationReader(
      contentsOfFile: folder.file("config.json"), kind: .sentenceModules)
    for key in ["module_input_name", "module_output_name"] {
      try config.require(key, oneOf: ["sentence_embedding"], default: "sentence_embedding")
    }
    let sizes = 1...10_000_000
    let (input, output) = (
      try config.integer("in_features", in: sizes), try config.integer("out_features", in: sizes)
    )
    let path = try config.optionalString("activation_function") ?? "Tanh"
    guard let activation = activations[path.className] else {
      throw ModelError.unsupported(
        path: config.path, what: "activation_function \(printable(path))",
        supported: activations.keys.sorted())
    }
    let hasResidual = try config.optionalBoolean("use_residual") ?? false
    let hasBias = try config.optionalBoolean("bias") ?? true
    let loader = WeightLoader(try Checkpoint(folder), format: format)
    return .dense(
      EmbeddingDense(
        linear: try loader.linear(
          "linear", from: input, to: output, bias: hasBias ? .required : .none),
        activation: activation,
        residual: hasResidual && input != output
          ? try loader.linear("residual", from: input, to: output, bias: .none) : nil,
        hasResidual: hasResidual))
  }

  /// Reads the module `LayerNorm` in a folder.
  static func norm(_ folder: ModelDirectory) throws -> EmbeddingStep {
    let config = try ConfigurationReader(
      contentsOfFile: folder.file("config.json"), kind: .sentenceModules)
    let size = try config.integer("dimension", in: 1...10_000_000)
    // PyTorch's default ε.
    return .norm(
      try WeightLoader(Checkpoint(folder)).layerNorm("norm", featureCount: size, epsilon: 1e-5))
  }
}
