// Makes the slow paths of Swift's Mutex visible to ThreadSanitizer.
//
// The fast paths are atomic operations in instrumented code. A contended Mutex is locked and unlocked by the
// kernel, in functions of libswiftSynchronization, which is not instrumented. These functions take their place in
// the executable, call the functions of the library, and report what they do.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>

#define HANDLE __attribute__((swift_context)) void *handle
#define SWIFT __attribute__((swiftcall))

#define LOCK_SLOW "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define TRY_LOCK_SLOW "$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF"
#define UNLOCK_SLOW "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

void __tsan_acquire(void *address);
void __tsan_release(void *address);

// Synchronization._MutexHandle._lockSlow(UInt32)
SWIFT void lock_slow(uint32_t thread, HANDLE) __asm__(LOCK_SLOW);
SWIFT void lock_slow(uint32_t thread, HANDLE) {
  SWIFT void (*lock)(uint32_t, HANDLE) = dlsym(RTLD_NEXT, LOCK_SLOW);
  lock(thread, handle);
  __tsan_acquire(handle);
}

// Synchronization._MutexHandle._tryLockSlow() -> Bool
SWIFT bool try_lock_slow(HANDLE) __asm__(TRY_LOCK_SLOW);
SWIFT bool try_lock_slow(HANDLE) {
  SWIFT bool (*try_lock)(HANDLE) = dlsym(RTLD_NEXT, TRY_LOCK_SLOW);
  bool is_locked = try_lock(handle);
  if (is_locked) __tsan_acquire(handle);
  return is_locked;
}

// Synchronization._MutexHandle._unlockSlow()
SWIFT void unlock_slow(HANDLE) __asm__(UNLOCK_SLOW);
SWIFT void unlock_slow(HANDLE) {
  SWIFT void (*unlock)(HANDLE) = dlsym(RTLD_NEXT, UNLOCK_SLOW);
  __tsan_release(handle);
  unlock(handle);
}
