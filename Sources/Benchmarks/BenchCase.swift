import Attention

/// A case to time: one row for each backend and number of threads.
package struct BenchCase {
  /// The name of its row.
  package let name: String
  /// The horizontal position in a plot: a length in tokens, or a number of rows.
  package let length: Int
  /// The line in a plot that the case belongs to.
  package let series: BenchSeries
  /// Creates the inputs. Called just before the case is timed, so that only one case's inputs are in
  /// memory.
  package let prepare: () throws -> Prepared

  /// A case with its inputs in memory.
  package struct Prepared {
    /// The amount of work in one run.
    package let work: BenchWork
    /// One run.
    package var run: () throws -> Void
    /// Compares the result of a run with another computation.
    package var check: () throws -> BenchCheck
    /// Inputs and result, by name, for comparison with other libraries.
    package var arrays: () throws -> [(name: String, array: NPYArray)]
  }
}

/// The amount of work in one run of a case. A value that does not apply is nil.
package struct BenchWork {
  /// Floating-point operations; a multiplication and an addition count as two.
  package var operations: Double?
  /// The minimum number of bytes to read, for a case that memory bandwidth limits.
  package var bytesRead: Double?
  /// Tokens read or generated.
  package var tokens: Int?
  /// Input texts.
  package var texts: Int?
  /// The size of the texts in UTF-8.
  package var textBytes: Int?
}

/// The error of a result compared with another computation, and the bound for the error.
package struct BenchCheck {
  package let error: Double
  package let bound: Double

  /// Also false if the error is NaN.
  package var passes: Bool { error <= bound }

  /// The largest absolute difference of two results.
  ///
  /// - Parameter bound: the bound for the difference, as a fraction of the largest expected magnitude.
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
          // Not `max`, which may drop a NaN.
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
