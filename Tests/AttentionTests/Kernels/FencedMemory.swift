import Foundation

/// Scalars that end a given distance before a page that nobody may touch: reading beyond it ends the
/// process. What lies before them, and between them and that page, must not change.
///
/// The memory goes with this object: a suite keeps it in a property.
final class FencedMemory<Scalar: BitwiseCopyable & Equatable> {
  private let base: UnsafeMutableRawPointer
  private let byteCount: Int
  private let scalars: UnsafeMutableBufferPointer<Scalar>
  private let filler: Scalar
  private var used = 0..<0

  /// - Parameter filler: what stands around the scalars; it should show where it is read or computed
  ///   with.
  init(capacity: Int, filler: Scalar) {
    let page = sysconf(Int32(_SC_PAGESIZE))
    let stride = MemoryLayout<Scalar>.stride
    let accessible = (capacity * stride + page - 1) / page * page
    byteCount = accessible + page
    base = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    precondition(mprotect(base + accessible, page, PROT_NONE) == 0)
    scalars = UnsafeMutableBufferPointer(
      start: base.bindMemory(to: Scalar.self, capacity: accessible / stride),
      count: accessible / stride)
    self.filler = filler
    scalars.initialize(repeating: filler)
  }

  deinit { munmap(base, byteCount) }

  /// Puts these scalars in, instead of the former ones.
  ///
  /// - Parameter distance: how many scalars of filler follow them. Together with the count it is also
  ///   how far their start is from being aligned.
  func place(
    _ new: some Collection<Scalar>, before distance: Int = 0
  ) -> UnsafeMutableBufferPointer<Scalar> {
    UnsafeMutableBufferPointer(rebasing: scalars[used]).update(repeating: filler)
    let end = scalars.count - distance
    used = (end - new.count)..<end
    let row = UnsafeMutableBufferPointer(rebasing: scalars[used])
    _ = row.update(fromContentsOf: new)
    return row
  }

  /// Whether all that lies within 64 scalars around the placed ones is as it was.
  var isIntact: Bool {
    scalars[max(0, used.lowerBound - 64)..<used.lowerBound].allSatisfy { $0 == filler }
      && scalars[used.upperBound..<min(used.upperBound + 64, scalars.count)]
        .allSatisfy { $0 == filler }
  }
}

extension FencedMemory<Float> {
  /// A large negative number comes back from no loop as it was, unlike NaN, and spoils every sum.
  static var filler: Float { -1e30 }

  convenience init(capacity: Int) { self.init(capacity: capacity, filler: Self.filler) }
}
