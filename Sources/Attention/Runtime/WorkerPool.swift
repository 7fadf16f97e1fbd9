import Dispatch
import Foundation
import Synchronization

/// Threads that stand by to help with parallel regions.
///
/// Whoever opens a region computes in it, and waits at its end only for the threads that have begun
/// to help. Those are the pool's own, never Swift's cooperative ones, and they wait for nothing but
/// the bodies they run: regions can be opened from any number of threads and tasks at once, and none
/// waits for another. A helper that wakes too late finds the region closed.
///
/// A helper that has run out of work looks out for more during `patience` and then sleeps; the
/// regions of a forward pass follow each other faster than that, so that waking, which takes longer
/// than many a region, is needed once a pass.
final class WorkerPool: Sendable {
  /// The helpers of this process: with a caller, as many threads as there are processors.
  static let shared = WorkerPool(helperLimit: AvailableProcessors.affinity - 1)

  /// How long a thread looks out before it sleeps, in nanoseconds.
  private static let patience: UInt64 = 100_000
  private static let placeCount = 32

  private let helperLimit: Int
  private let started = Atomic(0)
  private let starting = Mutex<Void>(())
  private let places = (0..<placeCount).map { _ in Place() }
  /// A bit for each place that a region has.
  private let taken = Atomic<UInt32>(0)
  /// Changes whenever a region opens.
  private let bell = Atomic<UInt32>(0)
  private let watchers = Atomic(0)
  private let sleepers = Atomic(0)
  private let alarm = DispatchSemaphore(value: 0)

  /// - Parameter helperLimit: the threads that there may be; they start when they are first needed,
  ///   and end with the process.
  init(helperLimit: Int) {
    self.helperLimit = max(0, helperLimit)
  }

  /// Calls `work` on this thread and on up to `helpers` others, at once, and returns when all calls
  /// have. Fewer help, or none, where others need them or they wake too late.
  ///
  /// Inside a region, and after a bare `fork`, which takes no threads along, nobody helps.
  func run(helpers: Int, _ work: @Sendable () -> Void) {
    let wanted = min(helpers, helperLimit)
    guard wanted > 0, WorkerThread.number == nil, !Fork.hasHappened, let index = takePlace() else {
      return work()
    }
    startHelpers(wanted)
    withoutActuallyEscaping(work) { work in
      let region = Region(work)
      withExtendedLifetime(region) {
        let place = places[index]
        place.open(region, helpers: wanted)
        bell.wrappingAdd(1, ordering: .sequentiallyConsistent)
        wake(for: wanted)
        WorkerThread.number = WorkerThread.caller
        region.run()
        WorkerThread.number = nil
        place.close(patience: Self.patience)
        taken.bitwiseXor(1 << UInt32(index), ordering: .releasing)
      }
    }
  }

  /// A place for a region; nil when there are too many.
  private func takePlace() -> Int? {
    var now = taken.load(ordering: .relaxed)
    while now != .max {
      let index = (~now).trailingZeroBitCount
      let (done, found) = taken.weakCompareExchange(
        expected: now, desired: now | 1 << UInt32(index), ordering: .acquiring)
      if done { return index }
      now = found
    }
    return nil
  }
}

// MARK: - Helpers

extension WorkerPool {
  private func startHelpers(_ wanted: Int) {
    guard started.load(ordering: .relaxed) < wanted else { return }
    starting.withLock { _ in
      for number in started.load(ordering: .relaxed)..<max(wanted, started.load(ordering: .relaxed))
      {
        started.store(number + 1, ordering: .relaxed)
        let thread = Thread { [self] in help(number) }
        thread.stackSize = 2 << 20
        // Signals are for the threads of whoever has installed handlers.
        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &before)
        thread.start()
        pthread_sigmask(SIG_SETMASK, &before, nil)
      }
    }
  }

  /// What a helper does for ever.
  private func help(_ number: Int) {
    // The system hears of a name only from the thread itself.
    Thread.current.name = "attention-\(number + 1)"
    WorkerThread.number = number
    while true {
      let heard = bell.load(ordering: .sequentiallyConsistent)
      while helpOnce(startingAt: number) {}
      if !watch(heard) { sleep(heard) }
    }
  }

  /// Helps with a region that wants it; false where there is none.
  private func helpOnce(startingAt number: Int) -> Bool {
    let open = taken.load(ordering: .acquiring)
    guard open != 0 else { return false }
    for step in 0..<Self.placeCount {
      let index = (number + step) % Self.placeCount
      guard open & 1 << UInt32(index) != 0 else { continue }
      let place = places[index]
      guard let stillWanted = place.join() else { continue }
      wake(for: stillWanted)
      place.help()
      place.leave()
      return true
    }
    return false
  }

  /// Looks out for the bell for a while; whether it rang.
  private func watch(_ heard: UInt32) -> Bool {
    watchers.add(1, ordering: .sequentiallyConsistent)
    defer { watchers.subtract(1, ordering: .sequentiallyConsistent) }
    return spin(Self.patience) { bell.load(ordering: .sequentiallyConsistent) != heard }
  }

  private func sleep(_ heard: UInt32) {
    sleepers.add(1, ordering: .sequentiallyConsistent)
    // Who rang before the line above woke nobody for it, unless it took this sleeper off the count
    // just now: then the alarm is on its way.
    if bell.load(ordering: .sequentiallyConsistent) != heard, takeSleeper() { return }
    alarm.wait()
  }

  private func takeSleeper() -> Bool {
    var now = sleepers.load(ordering: .sequentiallyConsistent)
    while now > 0 {
      let (done, found) = sleepers.weakCompareExchange(
        expected: now, desired: now - 1, ordering: .sequentiallyConsistent)
      if done { return true }
      now = found
    }
    return false
  }

  /// Wakes sleepers for a region that wants so many helpers, beyond those who watch. Two at most:
  /// each wakes two more.
  private func wake(for wanted: Int) {
    guard wanted > 0 else { return }
    let missing = wanted - watchers.load(ordering: .sequentiallyConsistent)
    guard missing > 0 else { return }
    for _ in 0..<min(2, missing) where takeSleeper() { alarm.signal() }
  }
}

/// Waits for `condition` for up to so many nanoseconds; whether it came true.
///
/// Now and then the processor is offered to whoever else can run, for the thread that is waited for
/// may be one of them.
private func spin(_ patience: UInt64, until condition: () -> Bool) -> Bool {
  let start = DispatchTime.now().uptimeNanoseconds
  repeat {
    for _ in 0..<64 where condition() { return true }
    sched_yield()
  } while DispatchTime.now().uptimeNanoseconds &- start < patience
  return condition()
}

// MARK: - Regions

/// One parallel region. Lives until `WorkerPool.run` returns.
private final class Region: Sendable {
  private let work: @Sendable () -> Void

  init(_ work: @escaping @Sendable () -> Void) {
    self.work = work
  }

  // Not inlined, so that every reference to the caller's closure is gone when it returns.
  @inline(never)
  func run() { work() }
}

/// Where a region is found by helpers.
private final class Place: Sendable {
  /// The helpers inside, in the lower bits; whether the caller sleeps until they leave; and in the
  /// upper bits how many more may come.
  private let state = Atomic<UInt64>(0)
  private let region = Atomic<Unmanaged<Region>?>(nil)
  private let lastLeft = DispatchSemaphore(value: 0)

  private static let sleeps: UInt64 = 1 << 31
  private static let oneMore: UInt64 = 1 << 32
  private static let inside: UInt64 = sleeps - 1

  func open(_ region: Region, helpers: Int) {
    self.region.store(Unmanaged.passUnretained(region), ordering: .relaxed)
    state.store(UInt64(helpers) * Self.oneMore, ordering: .releasing)
  }

  /// Goes in to help: how many more are wanted, nil where this one is not.
  func join() -> Int? {
    var now = state.load(ordering: .relaxed)
    while now >= Self.oneMore {
      let (done, found) = state.weakCompareExchange(
        expected: now, desired: now - Self.oneMore + 1, ordering: .acquiring)
      if done { return Int(now / Self.oneMore) - 1 }
      now = found
    }
    return nil
  }

  func help() {
    region.load(ordering: .relaxed)?._withUnsafeGuaranteedRef { $0.run() }
  }

  func leave() {
    let before = state.wrappingSubtract(1, ordering: .acquiringAndReleasing).oldValue
    if before == Self.sleeps + 1 { lastLeft.signal() }
  }

  /// Lets nobody in any more, and waits until all have left.
  func close(patience: UInt64) {
    let now = state.bitwiseAnd(Self.inside, ordering: .acquiringAndReleasing).newValue
    guard now != 0, !spin(patience, until: { state.load(ordering: .acquiring) == 0 }) else {
      return
    }
    let before = state.bitwiseOr(Self.sleeps, ordering: .acquiringAndReleasing).oldValue
    if before != 0 { lastLeft.wait() }
  }
}

// MARK: - Threads

/// What a thread knows of itself.
enum WorkerThread {
  /// What stands for the caller's thread inside a region.
  static let caller = -1

  /// The number of a helper, or `caller`; nil outside regions.
  static var number: Int? {
    get {
      let value = Int(bitPattern: pthread_getspecific(key))
      return value == 0 ? nil : value - 2
    }
    set {
      pthread_setspecific(key, UnsafeRawPointer(bitPattern: newValue.map { $0 + 2 } ?? 0))
    }
  }

  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    pthread_key_create(&key, nil)
    return key
  }()
}

/// Whether this process is the child of a bare `fork`.
private enum Fork {
  static var hasHappened: Bool {
    _ = isWatched
    return flag.load(ordering: .relaxed)
  }

  private static let flag = Atomic(false)
  private static let isWatched: Bool =
    pthread_atfork(nil, nil) { Fork.flag.store(true, ordering: .relaxed) } == 0
}
