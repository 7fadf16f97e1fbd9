/// The block sizes of the operator for one problem.
struct TileSizes {
  let tiles: AttentionTiles
  /// The maximum number of queries of a head that share packed keys and values.
  let queryBlock: Int
  /// Scalars between the starts of two rows of scores.
  var scoreStride: Int { tiles.keyBlock + Tuning.Attention.scoreGap }
  /// Scalars between the starts of two rows of unnormalized output.
  let outputStride: Int

  init(_ problem: AttentionProblem, kernels: any Kernels, threads: Int) {
    tiles = kernels.attentionTiles(
      keyDimension: problem.keyDimension, valueDimension: problem.valueDimension)
    outputStride = PackedBlock.outputStride(tiles.layout, valueDimension: problem.valueDimension)

    // Blocks are as large as possible while there are enough of them to balance the threads.
    let rows = problem.queryCount * problem.headCount
    let block =
      Tuning.Attention.queryBlocks.first {
        rows >= Tuning.Attention.blocksPerThread * $0 * threads
      } ?? Tuning.Attention.leastQueryBlock
    queryBlock = max(tiles.strip, block / (problem.headCount / problem.keyValueHeadCount))
  }
}
