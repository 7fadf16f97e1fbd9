import Attention
import Foundation
import Synchronization
import Testing

@Suite struct OpenBLASTests {
  /// The real library with a separate count, which other tests do not change.
  private func library(
    threadMode: OpenBLASLibrary.ThreadMode? = .pthreads,
    multiply: @escaping @Sendable (MatrixProduct) -> Void = OpenBLASLibrary.multiply,
    memory: BufferMemory = .ample, warn: (String) -> Void = { _ in }
  ) -> OpenBLAS {
    // Set up the real library first: this must not happen while another instance uses it.
    _ = OpenBLAS.shared
    return OpenBLAS(
      driver: .init(
        threadMode: threadMode, coreName: { OpenBLASLibrary.coreName }, setThreadCount: { _ in },
        selectCore: { _ in false }, multiply: multiply),
      processor: nil, memory: memory, warn: warn)
  }

  /// Rows and columns of matrices whose product is too large for small-matrix kernels, so that it uses a
  /// buffer of the library on every core.
  private static let largeSize = 101

  private func kernels(_ library: OpenBLAS?) -> NativeKernels {
    NativeKernels(multiplier: OpenBLASMultiplier(library: library))
  }

  @Test func `the library computes every product that is not empty`() throws {
    let library = library()
    #expect(library.isTrusted)
    let a = StoredMatrix(rows: 4, columns: 6) { Float($0 + $1) }
    let b = StoredMatrix(rows: 6, columns: 5) { Float($0 - $1) }
    var c = StoredMatrix(rows: 4, columns: 5) { _, _ in 0 }
    for count in 1...10 {
      try kernels(library).multiply(a, b, into: &c)
      #expect(library.callCount == count)
    }
    try kernels(library).multiply(alpha: 0, a, b, into: &c)
    var empty = StoredMatrix(rows: 4, columns: 0) { _, _ in 0 }
    try kernels(library).multiply(
      a, StoredMatrix(rows: 6, columns: 0) { _, _ in 0 }, into: &empty)
    #expect(library.callCount == 10)
  }

  @Test func `the default backend uses the process's library, with one thread`() throws {
    let before = OpenBLAS.shared.callCount
    let one = StoredMatrix(rows: 1, columns: 1) { _, _ in 3 }
    var result = one
    try kernels(nil).multiply(one, one, into: &result)
    #expect(result[0, 0] == 9)
    #expect(OpenBLAS.shared.callCount > before)
    #expect(OpenBLASLibrary.threadCount == 1)
    #expect(OpenBLASLibrary.configuration.contains("OpenBLAS"))
    #expect(OpenBLAS.shared.coreName == OpenBLASLibrary.coreName)
  }

  @Test func `the native backend never calls the library`() throws {
    let a = StoredMatrix(rows: 40, columns: 60) { Float($0 + $1) }
    let b = StoredMatrix(rows: 60, columns: 50) { Float($0 - $1) }
    var c = StoredMatrix(rows: 40, columns: 50) { _, _ in 0 }
    let library = library()
    let counted = OpenBLASMultiplier(library: library)
    try NativeKernels(multiplier: counted).multiply(a, b, into: &c)
    #expect(library.callCount == 1)
    var own = StoredMatrix(rows: 40, columns: 50) { _, _ in 0 }
    try Backend.native.kernels.multiply(a, b, into: &own)
    #expect(library.callCount == 1)
    #expect(own.scalars.dropLast() == c.scalars.dropLast(), "whole numbers are exact")
  }

  @Test func `the library is not called without memory for its buffers`() throws {
    var warnings: [String] = []
    let entered = Atomic(false)
    let library = library(
      multiply: { _ in entered.store(true, ordering: .relaxed) }, memory: .denied,
      warn: { warnings.append($0) })
    let three = StoredMatrix(rows: 1, columns: 1) { _, _ in 3 }
    var result = three
    try kernels(library).multiply(three, three, into: &result)
    #expect(result[0, 0] == 9)
    #expect(!library.isTrusted && library.selfTestFailure == nil && library.callCount == 0)
    let wasEntered = entered.load(ordering: .relaxed)
    #expect(!wasEntered)
    #expect(warnings.count == 1 && warnings[0].contains("160 MB"))
  }

  @Test func `with an address-space limit, one call runs at a time`() throws {
    let inside = Atomic(0)
    let most = Atomic(0)
    let library = library(
      multiply: { product in
        let count = inside.wrappingAdd(1, ordering: .relaxed).newValue
        most.max(count, ordering: .relaxed)
        OpenBLASLibrary.multiply(product)
        inside.subtract(1, ordering: .relaxed)
      }, memory: .limited)
    #expect(library.isTrusted)
    DispatchQueue.concurrentPerform(iterations: 64) { _ in
      let one = StoredMatrix(rows: Self.largeSize, columns: Self.largeSize) { Float($0 + $1) }
      var result = one
      try? kernels(library).multiply(one, one, into: &result)
    }
    let mostInside = most.load(ordering: .relaxed)
    #expect(mostInside == 1)
    #expect(library.callCount == 64)
  }

  @Test(arguments: [OpenBLASLibrary.ThreadMode.serial, .openMP, nil])
  func `builds without safe concurrency cause a warning`(
    _ mode: OpenBLASLibrary.ThreadMode?
  ) {
    var warnings: [String] = []
    #expect(library(threadMode: mode, warn: { warnings.append($0) }).isTrusted)
    #expect(warnings.count == 1)
    #expect(warnings.first?.contains("one at a time") == true)
  }

  /// Runs `body` on 64 threads at once.
  ///
  /// - Returns: false if some threads have not finished after a minute.
  private func onManyThreads(_ body: @escaping @Sendable (Int) -> Void) -> Bool {
    let group = DispatchGroup()
    for index in 0..<64 {
      group.enter()
      Thread.detachNewThread {
        body(index)
        group.leave()
      }
    }
    return group.wait(timeout: .now() + 60) == .success
  }

  @Test(arguments: [
    (OpenBLASLibrary.ThreadMode.pthreads, OpenBLAS.entryLimit), (.serial, 1), (.openMP, 1),
  ])
  func `the number of concurrent calls is limited to what the build supports`(
    mode: OpenBLASLibrary.ThreadMode, limit: Int
  ) {
    let inside = Mutex((now: 0, most: 0))
    let library = library(threadMode: mode) { product in
      inside.withLock { inside in
        inside.now += 1
        inside.most = max(inside.most, inside.now)
      }
      if product.m == Self.largeSize { Thread.sleep(forTimeInterval: 0.002) }
      try? PortableKernels().multiply(product)
      inside.withLock { $0.now -= 1 }
    }
    let finished = onManyThreads { _ in
      let a = StoredMatrix(rows: Self.largeSize, columns: Self.largeSize) { _, _ in 1 }
      var c = a
      try? kernels(library).multiply(a, a, into: &c)
    }
    #expect(finished)
    #expect(inside.withLock { $0.most } <= limit)
    #expect(library.callCount == 64)
  }

  @Test(arguments: [KernelsUnderTest.openBLAS, .twin])
  func `64 concurrent callers get correct results`(_ subject: KernelsUnderTest) {
    let rightCount = Atomic<Int>(0)
    let finished = onManyThreads { index in
      let size = 33 + index % 64
      let a = StoredMatrix(rows: size, columns: size) { $0 == $1 ? Float(index) : 0 }
      let b = StoredMatrix(rows: size, columns: size) { Float(($0 * 7 + $1) % 100) }
      var c = StoredMatrix(rows: size, columns: size) { _, _ in .nan }
      for _ in 0..<50 {
        try? subject.kernels.multiply(a, b, into: &c)
        let isRight = zip(b.scalars, c.scalars).dropLast().allSatisfy { $0 * Float(index) == $1 }
        if isRight { rightCount.add(1, ordering: .relaxed) }
      }
    }
    #expect(finished)
    #expect(rightCount.load(ordering: .relaxed) == 64 * 50)
  }
}
