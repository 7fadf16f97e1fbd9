import Foundation
import TestSupport
import Testing

@testable import Attention

/// Memory of freed tensors: it is reused for about the same size, and limited.
@Suite struct KeptMemoryTests {
  private static let size = 4 * Tuning.Memory.leastKeptBlock

  private func block(_ byteCount: Int = size) throws -> KeptMemory.Block {
    var base: UnsafeMutableRawPointer?
    try #require(posix_memalign(&base, 64, byteCount) == 0)
    return KeptMemory.Block(base: try #require(base), byteCount: byteCount)
  }

  @Test func `a block serves sizes down to four fifths of its own`() throws {
    let memory = KeptMemory(limit: 10 * Self.size)
    let block = try block()
    memory.keep(block)
    #expect(memory.byteCount == Self.size)
    #expect(memory.take(byteCount: Self.size + 1)?.base == nil)
    #expect(memory.take(byteCount: Self.size * 3 / 4)?.base == nil)
    let taken = try #require(memory.take(byteCount: Self.size * 7 / 8))
    #expect(taken.base == block.base && taken.byteCount == Self.size && memory.byteCount == 0)
    memory.keep(taken)
  }

  @Test func `the oldest blocks are freed beyond the limit`() throws {
    let memory = KeptMemory(limit: 3 * Self.size)
    let blocks = try (0..<5).map { _ in try block() }
    for block in blocks { memory.keep(block) }
    #expect(memory.byteCount == 3 * Self.size)
    let kept = (0..<3).compactMap { _ in memory.take(byteCount: Self.size)?.base }
    #expect(kept == blocks.suffix(3).reversed().map(\.base))
    for base in kept { free(base) }
  }

  @Test func `small blocks, and blocks beyond the limit, are not kept`() throws {
    let memory = KeptMemory(limit: 2 * Self.size)
    memory.keep(try block(Tuning.Memory.leastKeptBlock - 1))
    memory.keep(try block(2 * Self.size + 1))
    #expect(memory.byteCount == 0)
    #expect(memory.take(byteCount: 1)?.base == nil)
  }

  @Test func `released memory is gone`() throws {
    let memory = KeptMemory(limit: 2 * Self.size)
    memory.keep(try block())
    memory.release()
    #expect(memory.byteCount == 0 && memory.take(byteCount: Self.size)?.base == nil)
  }
}
