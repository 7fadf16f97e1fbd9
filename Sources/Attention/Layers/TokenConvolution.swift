/// A convolution over the tokens of a sequence, added to the output of a block: y ← norm(y + f(conv(x) + b)).
///
///     conv(x)[t] = Σₒ W[o] x[t + o − (kernel size − 1) / 2]
///
/// Tokens before the first and after the last one of the sequence count as zeros.
///
/// - Source: He et al. 2021, the released code of DeBERTa v2; Hugging Face's `DebertaV2Encoder`.
public struct TokenConvolution: Sendable {
  /// The number of tokens that an output depends on, an odd number.
  public let kernelSize: Int
  /// f.
  public let activation: Activation
  /// The norm after the addition.
  public let norm: Norm
  /// W and b as a linear layer of `kernelSize` neighboring tokens, whose features are side by side.
  let projection: Linear

  /// The number of features of a token.
  public var hiddenSize: Int { projection.outputSize }

  /// A convolution with the given weights.
  ///
  /// - Parameters:
  ///   - weight: W, `[output feature, input feature of a group, kernel]`, as PyTorch's `Conv1d` stores it.
  ///   - bias: b, `[output feature]`.
  ///   - groups: the number of groups of features; an output depends on the inputs of its group.
  ///   - activation: f.
  ///   - norm: the norm after the addition.
  /// - Throws: `AttentionError.shape` naming "weight" or "bias"; `AttentionError.argument` naming "groups",
  ///   "kernel size" or "norm"; `AttentionError.memory`.
  public init(
    weight: Tensor, bias: Tensor, groups: Int = 1, activation: Activation, norm: Norm
  ) throws {
    guard weight.shape.rank == 3, weight.shape[0] > 0, weight.shape[1] > 0 else {
      throw AttentionError.shape(
        argument: "weight", expected: "[output feature, input feature, kernel]", got: weight.shape)
    }
    let (hiddenSize, inputs, kernelSize) = (weight.shape[0], weight.shape[1], weight.shape[2])
    guard groups > 0, hiddenSize % groups == 0, hiddenSize / groups == inputs else {
      throw AttentionError.argument(
        "groups",
        reason: "expected \(hiddenSize) features in \(groups) groups, got \(inputs) in each")
    }
    guard kernelSize % 2 == 1 else {
      throw AttentionError.argument(
        "kernel size", reason: "expected an odd number, got \(kernelSize)")
    }
    guard norm.featureCount == hiddenSize else {
      throw AttentionError.argument(
        "norm", reason: "expected \(hiddenSize) features, got \(norm.featureCount)")
    }
    let (inputSize, overflow) = hiddenSize.multipliedReportingOverflow(by: kernelSize)
    guard !overflow else { throw AttentionError.overflow("a convolution of shape \(weight.shape)") }
    var matrix = try Tensor(shape: [hiddenSize, inputSize], repeating: 0)
    try weight.withSpan { weight in
      try matrix.withMutableSpan { matrix in
        for output in 0..<hiddenSize {
          let firstInput = output / inputs * inputs
          for input in 0..<inputs {
            for offset in 0..<kernelSize {
              matrix[output * inputSize + offset * hiddenSize + firstInput + input] =
                weight[(output * inputs + input) * kernelSize + offset]
            }
          }
        }
      }
    }
    projection = try Linear(weight: matrix, bias: bias)
    self.kernelSize = kernelSize
    self.activation = activation
    self.norm = norm
  }

  /// y ← norm(y + f(conv(x) + b)) for the tokens of packed sequences.
  ///
  /// - Parameters:
  ///   - input: x, `[token, hidden size]`.
  ///   - lengths: the number of tokens of each sequence.
  ///   - output: y, `[token, hidden size]`.
  func apply(_ input: Tensor, lengths: [Int], to output: inout Tensor) throws {
    let neighbors = try neighbors(of: input, lengths: lengths)
    try output.add(activation(projection(neighbors)))
    try norm.apply(to: &output)
  }

  /// The features of the `kernelSize` tokens around each token, side by side, `[token, kernel · hidden size]`.
  private func neighbors(of input: Tensor, lengths: [Int]) throws -> Tensor {
    let reach = kernelSize / 2
    let sequences = try packedRanges(
      lengths, total: input.shape[0], name: "lengths", of: "the input")
    return try Tensor(shape: [input.shape[0], projection.inputSize]) { neighbors in
      input.withUnsafeScalars { input in
        for sequence in sequences {
          for token in sequence {
            for offset in 0..<kernelSize {
              let source = token + offset - reach
              let target = neighbors[
                ((token * kernelSize + offset) * hiddenSize)..<((token * kernelSize + offset + 1)
                  * hiddenSize)]
              if sequence.contains(source) {
                _ = target.initialize(
                  fromContentsOf: input[source * hiddenSize..<(source + 1) * hiddenSize])
              } else {
                target.initialize(repeating: 0)
              }
            }
          }
        }
      }
    }
  }
}
