/// The tensors of the query, key and value projections, relative to a block.
enum AttentionProjectionNames: Sendable {
  /// A tensor for each.
  case separate(query: String, key: String, value: String)
  /// In one tensor: all queries, then all keys, then all values.
  case joined(String)
  /// In one tensor: query, key and value of head 0, then of head 1, ….
  case interleaved(String)
}

/// The tensors of the projections of a feed-forward layer, relative to a block.
enum FeedForwardNames: Sendable {
  /// A tensor for each; `gate` is nil for a layer without a gate.
  case separate(up: String, gate: String?, down: String)
  /// The gate and the up projection in one tensor, the gate first.
  case gateAboveUp(String, down: String)
  /// The gate and the up projection in one tensor, the gate last.
  case gateBelowUp(String, down: String)

  /// The names of Llama and its relatives.
  static let llama = separate(up: "up_proj", gate: "gate_proj", down: "down_proj")
}
