import Synchronization

/// A row of an index and its score.
struct Candidate: Sendable, Hashable {
  var row: Int
  var score: Float

  /// Whether this candidate comes first: the higher score, and among equal scores the lower row. The order is total,
  /// so the best candidates do not depend on how rows are divided among threads.
  func precedes(_ other: Candidate) -> Bool {
    score > other.score || score == other.score && row < other.row
  }
}

/// The best candidates of a scan by several threads. The result does not depend on the order of the offers.
final class SharedCandidates: Sendable {
  private let top: Mutex<TopCandidates>

  init(limit: Int) { top = Mutex(TopCandidates(limit: limit)) }

  /// A score below this number is not among the best.
  var threshold: Float { top.withLock(\.threshold) }

  /// The candidates, the best first.
  var sorted: [Candidate] { top.withLock(\.sorted) }

  func offer(_ candidates: TopCandidates) {
    top.withLock { top in
      for candidate in candidates.unsorted { top.offer(candidate) }
    }
  }
}

/// The `limit` best candidates of all that are offered: a heap whose root is the worst of them.
struct TopCandidates {
  let limit: Int
  private var heap: [Candidate] = []

  init(limit: Int) { self.limit = limit }

  /// A score below this number is not among the best.
  var threshold: Float { heap.count < limit ? -.infinity : heap.first?.score ?? .infinity }

  /// The candidates in any order.
  var unsorted: [Candidate] { heap }

  /// The candidates, the best first.
  var sorted: [Candidate] { heap.sorted { $0.precedes($1) } }

  /// Adds a candidate if it is among the best. NaN never is.
  mutating func offer(_ candidate: Candidate) {
    guard limit > 0, !candidate.score.isNaN else { return }
    if heap.count < limit {
      heap.append(candidate)
      var child = heap.count - 1
      while child > 0, heap[(child - 1) / 2].precedes(heap[child]) {
        heap.swapAt(child, (child - 1) / 2)
        child = (child - 1) / 2
      }
    } else if candidate.precedes(heap[0]) {
      heap[0] = candidate
      sink()
    }
  }

  private mutating func sink() {
    var parent = 0
    while true {
      var worst = parent
      for child in [2 * parent + 1, 2 * parent + 2]
      where child < heap.count && heap[worst].precedes(heap[child]) { worst = child }
      guard worst != parent else { return }
      heap.swapAt(parent, worst)
      parent = worst
    }
  }
}
