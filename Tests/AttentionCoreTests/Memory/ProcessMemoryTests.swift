import AttentionCore
import TestSupport
import Testing

@Suite struct ProcessMemoryTests {
  @Test(arguments: [Int.max, Int.max - 1, 1 << 62, 1 << 50, 1 << 47])
  func `impossible allocations are refused`(byteCount: Int) {
    #expect(!ProcessMemory.hasRoom(for: byteCount))
    let text = failureText { try requireMemory(byteCount: byteCount, purpose: "a test") }
    #expect(text == "not enough memory: cannot allocate \(byteCount) bytes for a test")
  }

  @Test(arguments: [0, 1, 1 << 16, 1 << 20, 1 << 24])
  func `small allocations are possible`(byteCount: Int) {
    #expect(ProcessMemory.hasRoom(for: byteCount))
  }

  @Test func `the byte count of an array cannot overflow`() {
    let text = failureText {
      try requireMemory(count: 1 << 61, of: Int.self, purpose: "numbers")
    }
    #expect(text.contains("overflow") && text.contains("numbers"), "\(text)")
  }

  @Test func `the memory limit of control groups is the smallest one`() {
    let files = [
      "/proc/self/cgroup": "0::/a/b\n",
      "/proc/self/mountinfo": "31 24 0:27 / /sys/fs/cgroup rw - cgroup2 cgroup rw\n",
      "/sys/fs/cgroup/a/b/memory.max": "max\n", "/sys/fs/cgroup/a/memory.max": "1073741824\n",
    ]
    let folders = ControlGroups.memoryFolders { files[$0] }
    #expect(folders.map(\.path).contains("/sys/fs/cgroup/a"))
    #expect(ControlGroups.memoryLimit(of: folders) { files[$0] } == 1 << 30)
    #expect(ControlGroups.memoryLimit(of: folders) { _ in nil } == nil)
    #expect(ControlGroups.memoryLimit(of: folders) { _ in "-1" } == nil)
  }

  @Test func `version 1 of control groups has another file`() {
    let files = [
      "/proc/self/cgroup": "5:memory:/x\n4:cpu,cpuacct:/y\n",
      "/proc/self/mountinfo": "31 24 0:27 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n",
      "/sys/fs/cgroup/memory/x/memory.limit_in_bytes": "4096\n",
    ]
    let folders = ControlGroups.memoryFolders { files[$0] }
    #expect(ControlGroups.memoryLimit(of: folders) { files[$0] } == 4096)
  }
}
