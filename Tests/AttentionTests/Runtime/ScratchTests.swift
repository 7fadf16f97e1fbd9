import TestSupport
import Testing

@testable import Attention

/// Work memory: each buffer has one user at a time, is reused, and the total is limited.
@Suite(.hangLimit) struct ScratchTests {
  private func address(_ scratch: Scratch, _ count: Int) throws -> UInt {
    try scratch.withFloats(count: count) { UInt(bitPattern: $0) }
  }

  @Test func `a returned buffer is reused unless it is too small`() throws {
    let scratch = Scratch()
    let first = try address(scratch, 1000)
    #expect(try address(scratch, 1000) == first)
    #expect(try address(scratch, 10) == first)
    #expect(scratch.keptByteCount == 4000)
    _ = try address(scratch, 2000)
    #expect(scratch.keptByteCount == 8000)
  }

  @Test func `nested calls get separate buffers, and both are kept`() throws {
    let scratch = Scratch()
    try scratch.withFloats(count: 100) { outer in
      try scratch.withFloats(count: 100) { inner in
        #expect(outer != inner)
      }
    }
    #expect(scratch.keptByteCount == 800)
  }

  @Test func `the kept memory stays within the limit`() throws {
    let scratch = Scratch()
    let large = Tuning.Memory.keptBytes / 4 + 1
    _ = try address(scratch, large)
    #expect(scratch.keptByteCount == 0)
    // More nested calls than there are slots.
    func lend(_ depth: Int) throws {
      try scratch.withFloats(count: 16) { _ in if depth > 1 { try lend(depth - 1) } }
    }
    try lend(100)
    #expect(scratch.keptByteCount == 64 * 64)
  }

  @Test func `an error of the body returns the memory`() throws {
    struct Stop: Error {}
    let scratch = Scratch()
    #expect(throws: Stop.self) { try scratch.withFloats(count: 10) { _ in throw Stop() } }
    #expect(scratch.keptByteCount == 40)
  }

  @Test func `a failed allocation is an error`() {
    let scratch = Scratch()
    #expect(throws: AttentionError.self) { try address(scratch, .max) }
    #expect(throws: AttentionError.self) { try address(scratch, 1 << 55) }
  }

  @Test func `concurrent threads never get the same memory`() throws {
    let scratch = Scratch()
    let pool = WorkerPool(helperLimit: 5)
    try Workers.forEach(count: 20_000, threads: 6, pool: pool) { index in
      try scratch.withFloats(count: 8 + index % 7) { memory in
        let mark = Float(index)
        for slot in 0..<8 { memory[slot] = mark }
        #expect((0..<8).allSatisfy { memory[$0] == mark })
      }
    }
    #expect(scratch.keptByteCount <= 6 * 4 * 14)
  }
}
