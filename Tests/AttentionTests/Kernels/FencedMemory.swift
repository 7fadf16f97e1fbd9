import Foundation

/// Scalars that end a given distance before a protected page: an access to the page ends the process.
/// Kernels must not change the filler before and after the scalars.
///
/// The object owns the memory, so a suite keeps it in a property.
final class FencedMemory<Scalar: BitwiseCopyable & Equatable> {
  private let base: UnsafeMutableRawPointer
  private let byteCount: Int
  private let scalars: UnsafeMutableBufferPointer<Scalar>
  private let filler: Scalar
  private var used = 0..<0

  /// - Parameter filler: the number before and after the scalars. If a kernel reads it, the result must be
  ///   visibly wrong.
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

  /// Replaces the scalars.
  ///
  /// - Parameter distance: the number of filler scalars after them. It also determines the alignment of
  ///   the first scalar.
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

  /// Whether the 64 filler scalars on each side are unchanged.
  var isIntact: Bool {
    scalars[max(0, used.lowerBound - 64)..<used.lowerBound].allSatisfy { $0 == filler }
      && scalars[used.upperBound..<min(used.upperBound + 64, scalars.count)]
        .allSatisfy { $0 == filler }
  }
}

extension FencedMemory<Float> {
  /// A large negative number: unlike NaN, no kernel returns it unchanged, and it makes every sum wrong.
  static var filler: Float { -1e30 }

  convenience init(capacity: Int) { self.init(capacity: capacity, filler: Self.filler) }
}
