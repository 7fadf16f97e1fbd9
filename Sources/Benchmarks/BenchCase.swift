import Attention

/// Something to be timed.
package struct BenchCase {
  /// The name of its row.
  package let name: String
  /// The horizontal position in a plot: a length in tokens, or a number of rows.
  package let length: Int
  /// The line in a plot.
  package let series: BenchSeries
  /// Makes the inputs; done when its turn comes, so that no two rows' inputs take memory at once.
  package let prepare: () throws -> Prepared

  /// A case with its inputs at hand.
  package struct Prepared {
    /// What one run has to do.
    package let work: BenchWork
    /// One run.
    package var run: () throws -> Void
    /// Compares what a run gives with the same by other means.
    package var check: () throws -> BenchCheck
    /// Inputs and result, by name, for others to compute the same.
    package var arrays: () throws -> [(name: String, array: NPYArray)]
  }
}

/// What one run of a case has to do; nil where that means nothing.
package struct BenchWork {
  /// Floating-point operations, a multiplication and an addition being two.
  package var operations: Double?
  /// Bytes that have to be read at least, where reading them is what takes the time.
  package var bytesRead: Double?
  /// Tokens that come out, or go in.
  package var tokens: Int?
  /// Texts that go in.
  package var texts: Int?
  /// Their size in UTF-8.
  package var textBytes: Int?
}

/// How far a result is from the same by other means, and how far it may be.
package struct BenchCheck {
  package let error: Double
  package let bound: Double

  /// False for an error that is not a number, too.
  package var passes: Bool { error <= bound }

  /// The largest distance between two results.
  ///
  /// - Parameter bound: how large it may be, as a share of the largest number expected.
  package init(_ found: Tensor, expected: Tensor, relativeBound bound: Double) {
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

  package init(error: Double, bound: Double) {
    self.error = error
    self.bound = bound
  }
}
