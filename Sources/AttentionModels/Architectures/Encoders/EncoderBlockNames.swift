/// The tensor names of the query, key and value projections, relative to a block.
enum HeadProjectionNames: Sendable {
  /// A tensor for each.
  case separate(query: String, key: String, value: String)
  /// W_Q, W_K and W_V in one tensor, one below the other.
  case fused(String)
}

/// The tensor names of the projections to the intermediate size, relative to a block.
enum UpProjectionNames: Sendable {
  /// Without a gate.
  case plain(String)
  /// With a gate.
  case gated(up: String, gate: String)
  /// The gate in the same tensor, above the up projection.
  case gateAboveUp(String)
  /// The gate in the same tensor, below the up projection.
  case gateBelowUp(String)
}
