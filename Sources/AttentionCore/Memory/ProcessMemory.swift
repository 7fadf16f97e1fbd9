import Foundation

/// The memory that this process may still allocate.
///
/// Three limits count: the address space (`ulimit -v`), the memory of the control groups, and the memory of
/// the machine. The system enforces the last two not when memory is allocated, but by ending the process when
/// it uses the memory. All limits are read for each check, because they may change while the process runs.
package enum ProcessMemory {
  /// Memory that no checked allocation uses. It is for the many small allocations, which are not checked: if one
  /// of them failed, the Swift runtime would end the process.
  package static let reserve = 24 << 20

  /// The smallest allocation that is checked.
  package static let leastByteCount = 1 << 20

  /// Allocations of this size or more are compared with the memory of the machine.
  private static let leastPhysicalByteCount = 64 << 20

  /// Whether an allocation of `byteCount` bytes leaves the reserve free. True for small allocations.
  ///
  /// - Complexity: O(1): a few microseconds if the address space is limited, or for large allocations.
  package static func hasRoom(for byteCount: Int) -> Bool {
    guard byteCount >= leastByteCount else { return true }
    let (total, overflow) = byteCount.addingReportingOverflow(reserve)
    guard !overflow else { return false }
    if isAddressSpaceLimited || byteCount >= 16 << 20 {
      // Use mmap: an optimizer may remove a pair of malloc and free.
      let probe = mmap(nil, total, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
      guard let probe, probe != MAP_FAILED else { return false }
      munmap(probe, total)
    }
    guard byteCount >= leastPhysicalByteCount, let limit = physicalLimit else { return true }
    return byteCount <= limit - min(residentByteCount, limit)
  }

  /// Whether the address space has a limit.
  package static var isAddressSpaceLimited: Bool {
    var limit = rlimit()
    #if canImport(Glibc)
      guard getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0 else { return false }
    #else
      guard getrlimit(RLIMIT_AS, &limit) == 0 else { return false }
    #endif
    // RLIM_INFINITY is the largest number of its type, or close to it.
    return limit.rlim_cur < rlim_t(Int64.max)
  }

  /// The memory of the machine including swap, or of the control groups if it is less; nil if unknown.
  private static var physicalLimit: Int? {
    let limits = [ControlGroups.memoryLimit(of: memoryFolders, read: contents), machineByteCount]
    return limits.compactMap(\.self).min()
  }

  private static let memoryFolders = ControlGroups.memoryFolders(read: contents)

  /// `MemTotal` and `SwapTotal`; nil if unknown.
  private static let machineByteCount: Int? = contents(ofFile: "/proc/meminfo").flatMap { text in
    func kilobytes(_ name: String) -> Int? {
      text.split(separator: "\n").first { $0.hasPrefix(name) }
        .flatMap { $0.split(separator: " ").dropFirst().first }.flatMap { Int($0) }
    }
    guard let total = kilobytes("MemTotal:") else { return nil }
    return (total + (kilobytes("SwapTotal:") ?? 0)) << 10
  }

  /// The memory that this process uses; 0 if unknown.
  private static var residentByteCount: Int {
    let pages = contents(ofFile: "/proc/self/statm")?.split(separator: " ").dropFirst().first
    return (pages.flatMap { Int($0) } ?? 0) * Int(getpagesize())
  }

  private static func contents(ofFile path: String) -> String? {
    guard let file = fopen(path, "re") else { return nil }
    defer { fclose(file) }
    var buffer = [UInt8](repeating: 0, count: 1 << 14)
    var text: [UInt8] = []
    while text.count < 1 << 20 {
      let count = fread(&buffer, 1, buffer.count, file)
      guard count > 0 else { break }
      text += buffer[..<count]
    }
    return String(decoding: text, as: UTF8.self)
  }
}
