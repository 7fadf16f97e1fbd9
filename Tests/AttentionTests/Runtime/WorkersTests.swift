import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Attention

/// Parallel regions: all work is done exactly once, on the allowed threads, under all
/// circumstances.
@Suite(.hangLimit) struct WorkersTests {
  /// A pool with possibly more helpers than the machine has processors.
  private static let pool = WorkerPool(helperLimit: 7)

  private struct Stop: Error, Equatable {
    var index = 0
  }

  /// Counts the calls for each index.
  private final class Tally: Sendable {
    private let counts: Mutex<[Int]>

    init(_ count: Int) { counts = Mutex(Array(repeating: 0, count: count)) }

    func add(_ index: Int) { counts.withLock { $0[index] += 1 } }

    var all: [Int] { counts.withLock { $0 } }

    /// Whether each index was added. Other threads may add at the same time.
    var isComplete: Bool { counts.withLock { !$0.contains(0) } }
  }

  @Test(arguments: 1...8, [0, 1, 2, 7, 64, 1000])
  func `each index is called exactly once, on at most the given number of threads`(
    threads: Int, count: Int
  ) throws {
    for pool in [Self.pool, .shared] {
      let tally = Tally(count)
      let inside = Atomic(0)
      let most = Atomic(0)
      try Workers.forEach(count: count, threads: threads, pool: pool) { index in
        most.max(inside.add(1, ordering: .relaxed).newValue, ordering: .relaxed)
        tally.add(index)
        if index % 50 == 0 { sched_yield() }
        inside.subtract(1, ordering: .relaxed)
      }
      #expect(tally.all == Array(repeating: 1, count: count))
      #expect(most.load(ordering: .relaxed) <= threads)
    }
  }

  @Test(arguments: 1...8, [1, 2, 7, 1000])
  func `ranges cover the whole, each at least the minimum length`(threads: Int, count: Int) throws {
    let ranges = Mutex<[Range<Int>]>([])
    try Workers.forEachRange(of: count, least: 3, most: count, threads: threads) { range in
      ranges.withLock { $0.append(range) }
    }
    let sorted = ranges.withLock { $0 }.sorted { $0.lowerBound < $1.lowerBound }
    #expect(sorted.flatMap { Array($0) } == Array(0..<count))
    #expect(sorted.count <= threads)
    #expect(sorted.count == 1 || sorted.allSatisfy { $0.count >= 3 })
  }

  @Test func `helpers take part`() throws {
    // Each of two calls waits until the other has started, which is only possible on two threads.
    let begun = Atomic(0)
    try Workers.forEach(count: 2, threads: 2, pool: Self.pool) { _ in
      begun.add(1, ordering: .relaxed)
      let deadline = ContinuousClock.now + .seconds(20)
      while begun.load(ordering: .relaxed) < 2, ContinuousClock.now < deadline { sched_yield() }
      #expect(begun.load(ordering: .relaxed) == 2)
    }
  }

  @Test func `with one thread, all calls run in order on the calling thread`() throws {
    let caller = "\(pthread_self())"
    let indices = Mutex<[Int]>([])
    try Workers.forEach(count: 100, threads: 1, pool: Self.pool) { index in
      #expect("\(pthread_self())" == caller)
      indices.withLock { $0.append(index) }
    }
    #expect(indices.withLock { $0 } == Array(0..<100))
  }

  @Test func `a nested region runs on the thread that opens it`() throws {
    let tally = Tally(20 * 30)
    try Workers.forEach(count: 20, threads: 4, pool: Self.pool) { outer in
      let opener = "\(pthread_self())"
      try Workers.forEach(count: 30, threads: 4, pool: Self.pool) { inner in
        #expect("\(pthread_self())" == opener)
        tally.add(outer * 30 + inner)
      }
    }
    #expect(tally.all == Array(repeating: 1, count: 600))
  }

  @Test func `after a nested region, helpers take part again`() throws {
    try Workers.forEach(count: 2, threads: 2, pool: Self.pool) { _ in
      try Workers.forEach(count: 2, threads: 2, pool: Self.pool) { _ in }
    }
    #expect(WorkerThread.number == nil)
    try `helpers take part`()
  }

  @Test func `ten thousand tiny regions end, and no call runs after its region`() throws {
    for number in 0..<10_000 {
      let sum = Atomic(0)
      let isOpen = Atomic(true)
      try Workers.forEach(count: 3, threads: 3, pool: Self.pool) { index in
        guard isOpen.load(ordering: .sequentiallyConsistent) else { throw Stop() }
        sum.add(index + number, ordering: .relaxed)
      }
      isOpen.store(false, ordering: .sequentiallyConsistent)
      guard sum.load(ordering: .relaxed) == 3 + 3 * number else {
        Issue.record("region \(number)")
        return
      }
    }
  }

  @Test(arguments: [0, 1, 99]) func `an error is rethrown, and no index is started after it`(
    failing: Int
  ) throws {
    for threads in 1...8 {
      let calls = Atomic(0)
      let isFailing = Atomic(false)
      #expect(throws: Stop(index: failing)) {
        try Workers.forEach(count: 100_000, threads: threads, pool: Self.pool) { index in
          calls.add(1, ordering: .relaxed)
          if index == failing {
            isFailing.store(true, ordering: .relaxed)
            throw Stop(index: index)
          }
          // Later calls wait until that one has failed.
          guard index > failing else { return }
          while !isFailing.load(ordering: .relaxed) { sched_yield() }
          usleep(50)
        }
      }
      #expect(calls.load(ordering: .relaxed) < 100_000)
    }
  }

  @Test func `the first of several errors is thrown, and the next region works normally`() throws {
    for _ in 0..<200 {
      let first = Mutex<Int?>(nil)
      do {
        try Workers.forEach(count: 50, threads: 4, pool: Self.pool) { index in
          first.withLock { $0 = $0 ?? index }
          throw Stop(index: index)
        }
        Issue.record("nothing was thrown")
      } catch let error as Stop {
        // Calls that start at the same time may finish in any order.
        #expect(error.index < 4)
      }
      let tally = Tally(50)
      try Workers.forEach(count: 50, threads: 4, pool: Self.pool) { tally.add($0) }
      #expect(tally.all == Array(repeating: 1, count: 50))
    }
  }

  @Test(arguments: [16, 100])
  func `regions of concurrent tasks share the helpers and all end`(taskCount: Int) async throws {
    let sums = try await withThrowingTaskGroup(of: Int.self) { group in
      for number in 0..<taskCount {
        group.addTask {
          var total = 0
          for round in 0..<50 {
            let sum = Atomic(0)
            try Workers.forEach(count: 20, threads: 1 + (number + round) % 8, pool: Self.pool) {
              index in
              if index == 7 {
                try Workers.forEach(count: 3, threads: 3, pool: Self.pool) { _ in sched_yield() }
              }
              sum.add(index, ordering: .relaxed)
            }
            total += sum.load(ordering: .relaxed)
            await Task.yield()
          }
          return total
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(sums == Array(repeating: 50 * 190, count: taskCount))
  }

  @Test func `regions of more concurrent threads than the pool has slots all end`() {
    // A separate pool, because other regions get no helpers while all slots are in use.
    let pool = WorkerPool(helperLimit: 7)
    let tally = Tally(80)
    let threads = (0..<80).map { number in
      Thread {
        for _ in 0..<20 {
          try? Workers.forEach(count: 4, threads: 4, pool: pool) { _ in usleep(100) }
        }
        tally.add(number)
      }
    }
    for thread in threads { thread.start() }
    let deadline = ContinuousClock.now + .seconds(60)
    while !tally.isComplete, ContinuousClock.now < deadline { usleep(1000) }
    #expect(tally.all == Array(repeating: 1, count: 80))
  }

  @Test func `uneven work is balanced`() throws {
    // One call waits until all others are done, so no other call may wait behind it.
    let done = Atomic(0)
    try Workers.forEach(count: 64, threads: 2, pool: Self.pool) { index in
      guard index == 0 else {
        done.add(1, ordering: .relaxed)
        return
      }
      let deadline = ContinuousClock.now + .seconds(20)
      while done.load(ordering: .relaxed) < 63, ContinuousClock.now < deadline { sched_yield() }
      #expect(done.load(ordering: .relaxed) == 63)
    }
  }

  @Test func `a huge thread count works`() throws {
    let tally = Tally(5000)
    try Workers.forEach(count: 5000, threads: .max) { tally.add($0) }
    #expect(tally.all == Array(repeating: 1, count: 5000))
  }

  @Test func `more threads than OpenBLAS allows wait for each other`() throws {
    let pool = WorkerPool(helperLimit: OpenBLAS.entryLimit + 8)
    let inside = Atomic(0)
    let most = Atomic(0)
    let calls = Atomic(0)
    try Workers.forEach(count: 400, threads: 64, pool: pool) { _ in
      OpenBLAS.shared.withEntry {
        most.max(inside.add(1, ordering: .relaxed).newValue, ordering: .relaxed)
        usleep(200)
        inside.subtract(1, ordering: .relaxed)
        calls.add(1, ordering: .relaxed)
      }
    }
    #expect(calls.load(ordering: .relaxed) == 400)
    #expect(most.load(ordering: .relaxed) <= OpenBLAS.entryLimit)
  }

  @Test(arguments: [1, 2, 5], [0, 1, 15, 16, 17, 1000])
  func `map keeps the order for any number of threads`(threads: Int, count: Int) throws {
    try withCompute(threads: threads) {
      let doubled = try Workers.map(Array(0..<count), chunk: 16) { index, element in
        #expect(index == element)
        return 2 * element
      }
      #expect(doubled == (0..<count).map { 2 * $0 })
    }
  }

  @Test(arguments: [1, 2, 5])
  func `map throws the error with the lowest index`(threads: Int) throws {
    for _ in 0..<50 {
      #expect(throws: Stop(index: 33)) {
        try withCompute(threads: threads) {
          try Workers.map(Array(0..<200), chunk: 4) { index, _ in
            if index >= 33, index.isMultiple(of: 11) { throw Stop(index: index) }
          }
        }
      }
    }
  }

  @Test(arguments: [1, 2]) func `both returns two results or throws the first error`(
    threads: Int
  ) throws {
    try withCompute(threads: threads) {
      let (text, number) = try Workers.both({ "a" }, { 7 })
      #expect(text == "a" && number == 7)
      for _ in 0..<100 {
        #expect(throws: Stop(index: 1)) {
          _ = try Workers.both(
            { () throws -> Int in
              usleep(100)
              throw Stop(index: 1)
            }, { () throws -> Int in throw Stop(index: 2) })
        }
        #expect(throws: Stop(index: 2)) {
          _ = try Workers.both({ 1 }, { () throws -> Int in throw Stop(index: 2) })
        }
      }
    }
  }

  #if os(Linux)
    @Test func `the child of a bare fork computes without helpers`()
      throws
    {
      // Swift does not offer fork, but a C library may call it.
      typealias Fork = @convention(c) () -> Int32
      let symbol = try #require(dlsym(nil, "fork"))
      let fork = unsafeBitCast(symbol, to: Fork.self)
      try Workers.forEach(count: 8, threads: 4, pool: Self.pool) { _ in }
      let child = fork()
      if child == 0 {
        let sum = Atomic(0)
        try? Workers.forEach(count: 8, threads: 4, pool: Self.pool) {
          sum.add($0, ordering: .relaxed)
        }
        _exit(sum.load(ordering: .relaxed) == 28 ? 0 : 1)
      }
      #expect(child > 0)
      var status: Int32 = -1
      let deadline = ContinuousClock.now + .seconds(20)
      while waitpid(child, &status, WNOHANG) == 0 {
        guard ContinuousClock.now < deadline else {
          kill(child, SIGKILL)
          break
        }
        usleep(1000)
      }
      #expect(status == 0)
    }
  #endif
}
