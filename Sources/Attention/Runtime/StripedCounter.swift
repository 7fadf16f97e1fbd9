import Foundation
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
    stripes[Self.stripeOfThread].count.wrappingAdd(1, ordering: .relaxed)
  }

  /// A stripe for the calling thread: the upper bits of its hashed address, because addresses of threads
  /// often have the same lower bits.
  private static var stripeOfThread: Int {
    #if os(Linux)
      let address = UInt64(pthread_self())
    #else
      let address = UInt64(UInt(bitPattern: pthread_self()))
    #endif
    return Int((address &* 0x9E37_79B9_7F4A_7C15) >> 32) % stripeCount
  }
}
