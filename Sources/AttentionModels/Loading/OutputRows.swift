import AttentionCore

/// The output features of a matrix that a layer uses: runs of equal length at equal distances.
///
/// A file may store several layers in one matrix: one after the other, or interleaved, as GPT-NeoX does:
/// the query, key and value features of head 0, then of head 1, ….
package struct OutputRows: Sendable, Hashable {
  /// The first feature of the first run.
  let first: Int
  /// The number of features of a run.
  let runLength: Int
  /// The distance between the first features of two runs.
  let stride: Int
  /// The number of runs.
  let runCount: Int

  /// The number of features.
  var count: Int { runLength * runCount }

  /// Consecutive features.
  package init(_ range: Range<Int>) {
    (first, runLength, stride, runCount) = (range.lowerBound, range.count, range.count, 1)
  }

  /// Part `part` of each of `groups` groups, which consist of `partCount` parts of `length` features.
  init(part: Int, of partCount: Int, length: Int, groups: Int) {
    (first, runLength, stride, runCount) = (part * length, length, partCount * length, groups)
  }

  /// The runs of the matrix that are the features `range` of the layer.
  func runs(in range: Range<Int>) -> [Range<Int>] {
    var (runs, next) = ([Range<Int>](), range.lowerBound)
    while next < range.upperBound {
      let (run, offset) = next.quotientAndRemainder(dividingBy: runLength)
      let length = min(runLength - offset, range.upperBound - next)
      let start = first + run * stride + offset
      runs.append(start..<start + length)
      next += length
    }
    return runs
  }

  /// Checks that the features are in a matrix with `output` features.
  ///
  /// - Throws: `AttentionError.argument` naming "outputs".
  func require(within output: Int, of name: String) throws {
    let end = first + (runCount - 1) * stride + runLength
    guard first >= 0, end <= output else {
      throw AttentionError.argument(
        "outputs",
        reason:
          "\(first)..<\(end) is out of range for \(output) output features of \(printable(name))")
    }
  }
}
