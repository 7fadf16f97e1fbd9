/// Throws unless the shape is `[query, key]` or `[head or 1, query, key]`.
///
/// - Throws: `AttentionError.shape` naming the argument, with both shapes.
func requirePlanes(
  _ shape: Shape, name: String, headCount: Int, queryCount: Int, keyCount: Int
) throws {
  let plane: Shape = [queryCount, keyCount]
  let accepted: [Shape] = [plane, [1, queryCount, keyCount], [headCount, queryCount, keyCount]]
  guard accepted.contains(shape) else {
    throw AttentionError.shape(
      argument: name,
      expected: "\(plane) or [\(headCount) or 1, \(queryCount), \(keyCount)]", got: shape)
  }
}

/// The position of the row of a head's query in a tensor `[query, key]` or
/// `[head or 1, query, key]`.
func planeRowStart(in shape: Shape, head: Int, query: Int) -> Int {
  let (queryCount, keyCount) = (shape[shape.rank - 2], shape[shape.rank - 1])
  let plane = shape.rank == 3 && shape[0] > 1 ? head : 0
  return (plane * queryCount + query) * keyCount
}
