import Attention

/// The arguments of the operator for a shape: numbers from N(0, 1), and the shape's options.
struct OperatorInputs {
  private let shape: OperatorShape
  private let queries: Tensor
  private let keys: Tensor
  private let values: Tensor
  /// `[query, key]`; nil without the option.
  private let mask: BooleanTensor?
  private let bias: Tensor?

  init(_ shape: OperatorShape) throws {
    self.shape = shape
    var generator = BenchGenerator(seed: 1)
    queries = try generator.normalTensor([shape.queries, shape.heads, shape.headDimension])
    keys = try generator.normalTensor([shape.keys, shape.heads, shape.headDimension])
    values = try generator.normalTensor([shape.keys, shape.heads, shape.headDimension])
    let plane: Shape = [shape.queries, shape.keys]
    // A quarter of all numbers from N(0, 1) is below −0.6745.
    mask =
      shape.options.contains(.mask)
      ? try BooleanTensor(
        shape: plane, elements: generator.normalTensor(plane).scalars.map { $0 > -0.6745 }) : nil
    bias = shape.options.contains(.bias) ? try generator.normalTensor(plane) : nil
  }

  /// The operator's output on the backend of the scope.
  func output() throws -> Tensor {
    var options = AttentionOptions(
      softcap: softcap, bias: bias, mask: shape.isCausal ? .causal : .none)
    if shape.options.contains(.alibi) {
      options.modifiers = [try LinearBias(headCount: shape.heads)]
    }
    if let mask { options.mask = options.mask.intersection(.keeping(mask)) }
    return try attention(queries: queries, keys: keys, values: values, options: options).output
  }

  /// The output of one query of one head, `[1, D]`, on the reference backend.
  func reference(head: Int, query: Int) throws -> Tensor {
    let D = shape.headDimension
    let count = shape.visibleKeys(of: query)
    func rows(_ tensor: Tensor, _ rows: Range<Int>) throws -> Tensor {
      try Tensor(tensor.head(head)).rows(rows).reshaped(to: [rows.count, 1, D])
    }
    var options = AttentionOptions(softcap: softcap)
    if shape.options.contains(.alibi) {
      options.modifiers = [
        DistanceBias(
          slope: try LinearBias(headCount: shape.heads).slopes[head],
          position: query + shape.keys - shape.queries)
      ]
    }
    let row = query * shape.keys..<query * shape.keys + count
    options.bias = try bias.map {
      try Tensor(shape: [1, count], scalars: Array($0.scalars[row]))
    }
    if let mask { options.mask = .keys(Array(mask.elements[row])) }
    return try attention(
      queries: rows(queries, query..<query + 1), keys: rows(keys, 0..<count),
      values: rows(values, 0..<count), options: options, on: .reference
    ).output.reshaped(to: [1, D])
  }

  /// The arguments and the output. The causal mask, the softcap and ALiBi follow from the shape and
  /// are not included.
  func arrays() throws -> [(String, NPYArray)] {
    let tensors =
      [("queries", queries), ("keys", keys), ("values", values)]
      + (bias.map { [("bias", $0)] } ?? []) + [("output", try output())]
    return try tensors.map {
      ($0, try NPYArray(shape: $1.shape, elements: .float32($1.scalars)))
    } + (mask.map { [("mask", try NPYArray(shape: $0.shape, elements: .bool($0.elements)))] } ?? [])
  }

  private var softcap: Float? { shape.options.contains(.softcap) ? OperatorShape.softcap : nil }

  /// ALiBi for one query: s ← s − slope · |position − j|.
  private struct DistanceBias: ScoreBias {
    let slope: Float
    let position: Int

    func bias(at position: ScorePosition) -> Double {
      -Double(slope) * Double(abs(self.position - position.key))
    }
  }
}
