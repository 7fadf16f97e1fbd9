import Dispatch
import Foundation
import Synchronization

/// Threads that help with parallel regions.
///
/// The thread that opens a region computes in it. At the end it waits only for helpers that have started to
/// work on the region. Helpers are threads of this pool, never Swift's cooperative threads, and a helper
/// waits only for the work that it runs itself. Therefore any number of threads and tasks can open regions at
/// the same time without waiting for each other. A helper that wakes up after the region has closed does not
/// join it.
///
/// Waking a thread takes longer than the work of many regions. A helper without work therefore spins for up
/// to `Tuning.Threads.spinTimeout` before it sleeps. The time between two regions of a forward pass is
/// shorter, so helpers are woken only once per pass.
final class WorkerPool: Sendable {
  /// The helpers of this process: together with the calling thread, one thread per processor.
  static let shared = WorkerPool(helperLimit: AvailableProcessors.affinity - 1)

  private static let slotCount = 32

  private let helperLimit: Int
  private let started = Atomic(0)
  private let starting = Mutex<Void>(())
  private let slots = (0..<slotCount).map { _ in Slot() }
  /// One bit per slot: whether a region uses it.
  private let taken = Atomic<UInt32>(0)
  /// Incremented when a region opens.
  private let epoch = Atomic<UInt32>(0)
  private let spinners = Atomic(0)
  private let sleepers = Atomic(0)
  private let semaphore = DispatchSemaphore(value: 0)

  /// - Parameter helperLimit: the maximum number of helper threads. They start when they are first
  ///   needed and end with the process.
  init(helperLimit: Int) {
    self.helperLimit = max(0, helperLimit)
  }

  /// Calls `work` on this thread and concurrently on up to `helpers` other threads; returns when
  /// all calls have returned. Fewer threads help if other regions use them or if they wake up too
  /// late.
  ///
  /// If the task of this thread is cancelled, `Cancellation.check` throws on all threads of the region.
  ///
  /// Only this thread computes if it is already in a region, or if the process is the child of a
  /// bare `fork`, which does not copy threads.
  func run(helpers: Int, _ work: @Sendable () -> Void) {
    let wanted = min(helpers, helperLimit)
    guard wanted > 0, WorkerThread.number == nil, !Fork.hasHappened, let index = takeSlot() else {
      return work()
    }
    startHelpers(wanted)
    withoutActuallyEscaping(work) { work in
      let region = Region(work)
      withExtendedLifetime(region) {
        let slot = slots[index]
        slot.open(region, helpers: wanted)
        epoch.wrappingAdd(1, ordering: .sequentiallyConsistent)
        wake(for: wanted)
        region.cancellation.withCurrent {
          WorkerThread.number = WorkerThread.caller
          region.run()
          WorkerThread.number = nil
          slot.close(spinTimeout: Tuning.Threads.spinTimeout)
        }
        taken.bitwiseXor(1 << UInt32(index), ordering: .releasing)
      }
    }
  }

  /// Reserves a slot for a region. Returns its index, or nil if all slots are in use.
  private func takeSlot() -> Int? {
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
        // Block all signals in helper threads, so that they are delivered to the application's
        // threads.
        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &before)
        thread.start()
        pthread_sigmask(SIG_SETMASK, &before, nil)
      }
    }
  }

  /// The endless loop of a helper thread.
  private func help(_ number: Int) {
    // On Linux, a thread can only set its name itself.
    Thread.current.name = "attention-\(number + 1)"
    WorkerThread.number = number
    while true {
      let seenEpoch = epoch.load(ordering: .sequentiallyConsistent)
      while helpOnce(startingAt: number) {}
      if !watch(seenEpoch) { sleep(seenEpoch) }
    }
  }

  /// Helps with one region that wants more helpers. Returns false if there is none.
  private func helpOnce(startingAt number: Int) -> Bool {
    let open = taken.load(ordering: .acquiring)
    guard open != 0 else { return false }
    for step in 0..<Self.slotCount {
      let index = (number + step) % Self.slotCount
      guard open & 1 << UInt32(index) != 0 else { continue }
      let slot = slots[index]
      guard let stillWanted = slot.join() else { continue }
      wake(for: stillWanted)
      slot.help()
      slot.leave()
      return true
    }
    return false
  }

  /// Spins until `epoch` changes or `spinTimeout` is over. Returns whether it changed.
  private func watch(_ seenEpoch: UInt32) -> Bool {
    spinners.add(1, ordering: .sequentiallyConsistent)
    defer { spinners.subtract(1, ordering: .sequentiallyConsistent) }
    return spin(Tuning.Threads.spinTimeout) {
      epoch.load(ordering: .sequentiallyConsistent) != seenEpoch
    }
  }

  private func sleep(_ seenEpoch: UInt32) {
    sleepers.add(1, ordering: .sequentiallyConsistent)
    // If `epoch` changed before this thread was counted as a sleeper, no thread will signal it:
    // remove it from the count and return. If the count is already 0, another thread has removed
    // this sleeper and its signal is on the way: wait for it.
    if epoch.load(ordering: .sequentiallyConsistent) != seenEpoch, takeSleeper() { return }
    semaphore.wait()
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

  /// Wakes sleepers for a region that wants `wanted` helpers, unless enough threads are spinning.
  /// Wakes at most two: each of them wakes two more.
  private func wake(for wanted: Int) {
    guard wanted > 0 else { return }
    let missing = wanted - spinners.load(ordering: .sequentiallyConsistent)
    guard missing > 0 else { return }
    for _ in 0..<min(2, missing) where takeSleeper() { semaphore.signal() }
  }
}

/// Waits up to `spinTimeout` nanoseconds for `condition`. Returns whether it became true.
///
/// Calls `sched_yield` regularly, because the awaited thread may need this processor.
private func spin(_ spinTimeout: UInt64, until condition: () -> Bool) -> Bool {
  let start = DispatchTime.now().uptimeNanoseconds
  repeat {
    for _ in 0..<64 where condition() { return true }
    sched_yield()
  } while DispatchTime.now().uptimeNanoseconds &- start < spinTimeout
  return condition()
}

// MARK: - Regions

/// A parallel region. It lives until `WorkerPool.run` returns.
private final class Region: Sendable {
  let cancellation = CancellationSignal()
  private let work: @Sendable () -> Void

  init(_ work: @escaping @Sendable () -> Void) {
    self.work = work
  }

  // Not inlined, so that no reference to the caller's closure remains when it returns.
  @inline(never)
  func run() { work() }
}

/// A slot in which helpers find an open region.
private final class Slot: Sendable {
  /// Lower bits: the number of helpers inside. Bit 31: whether the caller sleeps until they have
  /// left. Upper bits: the number of helpers that may still join.
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

  /// Joins the region as a helper. Returns how many more helpers may join, or nil if no helper is
  /// needed.
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
    region.load(ordering: .relaxed)?._withUnsafeGuaranteedRef { region in
      region.cancellation.withCurrent { region.run() }
    }
  }

  func leave() {
    let before = state.wrappingSubtract(1, ordering: .acquiringAndReleasing).oldValue
    if before == Self.sleeps + 1 { lastLeft.signal() }
  }

  /// Closes the region to new helpers and waits until all helpers have left. Looks for cancellation
  /// meanwhile, for the helpers.
  func close(spinTimeout: UInt64) {
    let now = state.bitwiseAnd(Self.inside, ordering: .acquiringAndReleasing).newValue
    guard now != 0, !spin(spinTimeout, until: { state.load(ordering: .acquiring) == 0 }) else {
      return
    }
    let before = state.bitwiseOr(Self.sleeps, ordering: .acquiringAndReleasing).oldValue
    guard before != 0 else { return }
    while lastLeft.wait(timeout: .now() + Tuning.Threads.cancellationInterval) == .timedOut {
      _ = Cancellation.isRequested
    }
  }
}

// MARK: - Threads

/// Thread-local information about the current thread.
enum WorkerThread {
  /// Marks the thread that opened the current region.
  static let caller = -1

  /// The number of a helper thread, or `caller`; nil on other threads.
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
