import Attention

/// Something to be timed.
struct BenchCase {
  /// The name of its row.
  let name: String
  /// The horizontal position in a plot: a length in tokens, or a number of rows.
  let length: Int
  /// The line in a plot.
  let series: BenchSeries
  /// Makes the inputs; done when its turn comes, so that no two rows' inputs take memory at once.
  let prepare: () throws -> Prepared

  /// A case with its inputs at hand.
  struct Prepared {
    /// What one run has to do.
    let work: BenchWork
    /// One run.
    var run: () throws -> Void
    /// Compares what a run gives with the same by other means.
    var check: () throws -> BenchCheck
    /// Inputs and result, by name, for others to compute the same.
    var arrays: () throws -> [(name: String, array: NPYArray)]
  }
}

/// What one run of a case has to do; nil where that means nothing.
struct BenchWork {
  /// Floating-point operations, a multiplication and an addition being two.
  var operations: Double?
  /// Bytes that have to be read at least, where reading them is what takes the time.
  var bytesRead: Double?
  /// Tokens that come out, or go in.
  var tokens: Int?
  /// Texts that go in.
  var texts: Int?
  /// Their size in UTF-8.
  var textBytes: Int?
}

/// How far a result is from the same by other means, and how far it may be.
struct BenchCheck {
  let error: Double
  let bound: Double

  /// False for an error that is not a number, too.
  var passes: Bool { error <= bound }

  /// The largest distance between two results.
  ///
  /// - Parameter bound: how large it may be, as a share of the largest number expected.
  init(_ found: Tensor, expected: Tensor, relativeBound bound: Double) {
    var (distance, largest) = (0.0, 0.0)
    found.withSpan { found in
      expected.withSpan { expected in
        guard found.count == expected.count else {
          distance = .infinity
          return
        }
        for index in found.indices {
          let error = abs(Double(found[index]) - Double(expected[index]))
          // Not `max`, in which a number that is none would be lost.
          if !(error <= distance) { distance = error.isNaN ? .infinity : error }
          largest = max(largest, abs(Double(expected[index])))
        }
      }
    }
    self.init(error: distance, bound: bound * largest)
  }

  init(error: Double, bound: Double) {
    self.error = error
    self.bound = bound
  }
}
