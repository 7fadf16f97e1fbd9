import Synchronization

/// A counter that many threads increase without contending for one cache line.
final class StripedCounter: Sendable {
  private static let stripeCount = 32

  /// A part of the count. The padding keeps each part on a separate cache line.
  private final class Stripe: Sendable {
    let count = Atomic(0)
    private let padding: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0, 0)
  }

  private let stripes = (0..<stripeCount).map { _ in Stripe() }

  /// The sum of all increments so far.
  var value: Int { stripes.reduce(0) { $0 + $1.count.load(ordering: .relaxed) } }

  func increment() {
    let index = (WorkerThread.number ?? WorkerThread.caller) - WorkerThread.caller
    stripes[index % Self.stripeCount].count.wrappingAdd(1, ordering: .relaxed)
  }
}
