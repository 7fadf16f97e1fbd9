/// The processor time that the control groups (cgroups) of this process allow.
///
/// The limits of a group and of all groups above it apply together. Malformed files count as no
/// limit, so that they cannot stop a process.
///
/// - Source: proc(5), cgroups(7); the kernel's `admin-guide/cgroup-v2.rst` and
///   `scheduler/sched-bwc.rst`.
enum ControlGroups {
  /// The quota in processors, rounded up; nil if there is no limit.
  ///
  /// - Parameter read: returns the content of the file at a path, or nil if there is none.
  static func quota(read: (String) -> String?) -> Int? {
    guard let groups = read("/proc/self/cgroup"), let mounts = read("/proc/self/mountinfo") else {
      return nil
    }
    return folders(groups: groups, mounts: mounts).compactMap { folder in
      if folder.isVersion2 { return read("\(folder.path)/cpu.max").flatMap(processors(max:)) }
      guard let quota = read("\(folder.path)/cpu.cfs_quota_us"),
        let period = read("\(folder.path)/cpu.cfs_period_us")
      else { return nil }
      return processors(max: "\(quota) \(period)")
    }.min()
  }

  /// The quota "QUOTA PERIOD" in processors, rounded up; nil for "max PERIOD", "-1 PERIOD" or
  /// malformed text.
  static func processors(max text: String) -> Int? {
    let fields = text.split(whereSeparator: \.isWhitespace).map { Int($0) }
    guard fields.count == 2, let quota = fields[0], let period = fields[1], quota > 0, period > 0
    else { return nil }
    return (quota - 1) / period + 1
  }

  /// A folder with the limit of a group.
  struct Folder: Equatable {
    let path: String
    let isVersion2: Bool
  }

  /// The folders of this process's groups that may limit processor time, and of the groups above
  /// them.
  ///
  /// - Parameters:
  ///   - groups: `/proc/self/cgroup`, lines such as `0::/a/b` and `4:cpu,cpuacct:/a/b`.
  ///   - mounts: `/proc/self/mountinfo`, lines such as
  ///     `31 24 0:27 /a /sys/fs/cgroup rw - cgroup2 cgroup rw`.
  static func folders(groups: String, mounts: String) -> [Folder] {
    mounts.split(separator: "\n").flatMap { line -> [Folder] in
      guard let mount = Mount(line), let group = mount.group(in: groups) else { return [] }
      var names = group[...]
      if mount.root.count > 0 {
        // In a container that shares the host's cgroup namespace, only a part of the tree is
        // mounted.
        guard names.starts(with: mount.root) else { return [] }
        names = names.dropFirst(mount.root.count)
      }
      if names.contains("..") { names = [] }
      return (0...names.count).reversed().map { count in
        Folder(
          path: ([mount.point] + names.prefix(count)).joined(separator: "/"),
          isVersion2: mount.isVersion2)
      }
    }
  }

  /// A mounted hierarchy that can limit processor time.
  private struct Mount {
    let root: [Substring]
    let point: Substring
    let isVersion2: Bool

    init?(_ line: Substring) {
      let fields = line.split(separator: " ")
      guard let dash = fields.firstIndex(of: "-"), dash >= 6, fields.count > dash + 3 else {
        return nil
      }
      switch fields[dash + 1] {
      case "cgroup2": isVersion2 = true
      case "cgroup" where fields[dash + 3].split(separator: ",").contains("cpu"):
        isVersion2 = false
      default: return nil
      }
      root = fields[3].split(separator: "/")
      point = fields[4]
    }

    /// The path to this process's group, by name.
    func group(in groups: String) -> [Substring]? {
      for line in groups.split(separator: "\n") {
        let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        guard fields.count == 3 else { continue }
        let isMine =
          isVersion2
          ? fields[0] == "0" && fields[1].isEmpty
          : fields[1].split(separator: ",").contains("cpu")
        if isMine { return fields[2].split(separator: "/") }
      }
      return nil
    }
  }
}
