import Testing

@testable import Attention

/// Parsing of the kernel's files about processor limits.
@Suite struct ControlGroupsTests {
  @Test(
    arguments: [
      ("200000 100000", 2), ("150000 100000\n", 2), ("1000 100000", 1), ("max 100000", nil),
      ("-1 100000", nil), ("", nil), ("200000", nil), ("a b", nil), ("0 100000", nil),
      ("100000 0", nil), ("1 2 3", nil), ("\(Int.max) 1", Int.max), ("-1\n 100000\n", nil),
      ("99999999999999999999 1", nil), ("250000\n 100000\n", 3),
    ] as [(String, Int?)])
  func `a quota is rounded up to whole processors, and malformed text means no limit`(
    text: String, expected: Int?
  ) {
    #expect(ControlGroups.processors(max: text) == expected)
  }

  private static let version2Mounts = """
    22 1 0:20 / /proc rw,nosuid - proc proc rw
    31 24 0:27 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate

    """
  private static let version1Mounts = """
    30 24 0:26 / /sys/fs/cgroup ro - tmpfs tmpfs ro
    31 30 0:27 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
    33 30 0:29 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset
    34 30 0:30 / /sys/fs/cgroup/cpu,cpuacct rw shared:9 - cgroup cgroup rw,cpu,cpuacct

    """

  private func quota(groups: String?, mounts: String?, _ files: [String: String]) -> Int? {
    ControlGroups.quota { path in
      switch path {
      case "/proc/self/cgroup": groups
      case "/proc/self/mountinfo": mounts
      default: files[path]
      }
    }
  }

  @Test func `in version 2 the smallest limit of the group and the groups above it applies`() {
    let groups = "0::/user.slice/app\n"
    let own = "/sys/fs/cgroup/user.slice/app/cpu.max"
    let above = "/sys/fs/cgroup/user.slice/cpu.max"
    let mounts = Self.version2Mounts
    #expect(quota(groups: groups, mounts: mounts, [:]) == nil)
    #expect(quota(groups: groups, mounts: mounts, [own: "400000 100000"]) == 4)
    #expect(
      quota(groups: groups, mounts: mounts, [own: "400000 100000", above: "150000 100000"]) == 2)
    #expect(quota(groups: groups, mounts: mounts, [own: "max 100000", above: "1 100000"]) == 1)
    #expect(quota(groups: groups, mounts: mounts, [own: "nonsense", above: "300000 100000"]) == 3)
    // In a separate cgroup namespace the group is the root and contains the limit.
    #expect(
      quota(groups: "0::/\n", mounts: mounts, ["/sys/fs/cgroup/cpu.max": "50000 100000"]) == 1)
  }

  @Test func `version 1 has two files, in the hierarchy of the cpu controller`() {
    let groups = "9:cpuset:/wrong\n4:cpu,cpuacct:/docker/7\n0::/also/wrong\n"
    let folder = "/sys/fs/cgroup/cpu,cpuacct/docker"
    let files = [
      "\(folder)/7/cpu.cfs_quota_us": "-1\n", "\(folder)/7/cpu.cfs_period_us": "100000\n",
      "\(folder)/cpu.cfs_quota_us": "250000\n", "\(folder)/cpu.cfs_period_us": "100000\n",
      "/sys/fs/cgroup/cpuset/wrong/cpu.cfs_quota_us": "1\n",
      "/sys/fs/cgroup/cpuset/wrong/cpu.cfs_period_us": "1\n",
    ]
    #expect(quota(groups: groups, mounts: Self.version1Mounts, files) == 3)
    let half = files.filter { !$0.key.hasSuffix("docker/cpu.cfs_period_us") }
    #expect(quota(groups: groups, mounts: Self.version1Mounts, half) == nil)
  }

  @Test func `in a container that mounts a part of the tree, paths start there`() {
    let mounts = "34 30 0:30 /docker/7 /sys/fs/cgroup/cpu ro - cgroup cgroup rw,cpu\n"
    let files = [
      "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "100000",
      "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "50000",
    ]
    #expect(quota(groups: "4:cpu:/docker/7\n", mounts: mounts, files) == 2)
    #expect(quota(groups: "4:cpu:/elsewhere\n", mounts: mounts, files) == nil)
  }

  @Test func `for a group outside of the mounted tree, the limit of the root applies`() {
    let files = ["/sys/fs/cgroup/cpu.max": "300000 100000", "/sys/fs/cgroup/../x/cpu.max": "1 1"]
    #expect(quota(groups: "0::/../x\n", mounts: Self.version2Mounts, files) == 3)
  }

  @Test(
    arguments: [
      nil, "", "\n", "0", "0::", "::::", "4:cpu", "0::/a\n0::/b", ":cpu:/",
      String(repeating: ":", count: 1000),
    ] as [String?],
    [
      nil, "", "-", " - ", "1 2 3 4 5 6 - cgroup2", "1 2 3 4 5 - cgroup2 a b",
      "31 24 0:27 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw", "\u{0}",
    ] as [String?])
  func `malformed files mean no limit`(groups: String?, mounts: String?) {
    #expect(quota(groups: groups, mounts: mounts, [:]) == nil)
  }

  @Test(
    arguments: [
      ("0-1", 2), ("0", 1), ("3,5,8-11", 6), ("", nil), ("a", nil), ("2-1", nil),
      ("-1", nil), ("0-", nil), ("0-1-2", nil), ("0-99999999999", nil), ("0-1048575", 1 << 20),
    ] as [(String, Int?)])
  func `the processors of an affinity mask are counted, and malformed text gives nil`(
    list: String, expected: Int?
  ) {
    let status = "Name:\tattend\nCpus_allowed:\t3\nCpus_allowed_list:\t\(list)\nThreads:\t1\n"
    #expect(AvailableProcessors.allowed(status: status) == expected)
    #expect(AvailableProcessors.allowed(status: "Name:\tattend\n") == nil)
  }

  @Test func `this process has at least one processor and at most those of its mask`() {
    #expect(AvailableProcessors.count >= 1)
    #expect(AvailableProcessors.count <= AvailableProcessors.affinity)
  }
}
