/// The processor time and the memory that the control groups (cgroups) of this process allow.
///
/// The limits of a group and of all groups above it apply together. Malformed files count as no
/// limit, so that they cannot stop a process.
///
/// - Source: proc(5), cgroups(7); the kernel's `admin-guide/cgroup-v2.rst` and
///   `scheduler/sched-bwc.rst`.
package enum ControlGroups {
  /// A resource that control groups limit, by the name of its controller.
  package enum Resource: String {
    case processors = "cpu"
    case memory
  }

  /// The quota in processors, rounded up; nil if there is no limit.
  ///
  /// - Parameter read: returns the content of the file at a path, or nil if there is none.
  package static func quota(read: (String) -> String?) -> Int? {
    guard let groups = read("/proc/self/cgroup"), let mounts = read("/proc/self/mountinfo") else {
      return nil
    }
    return folders(of: .processors, groups: groups, mounts: mounts).compactMap { folder in
      if folder.isVersion2 { return read("\(folder.path)/cpu.max").flatMap(processors(max:)) }
      guard let quota = read("\(folder.path)/cpu.cfs_quota_us"),
        let period = read("\(folder.path)/cpu.cfs_period_us")
      else { return nil }
      return processors(max: "\(quota) \(period)")
    }.min()
  }

  /// The folders whose `memory.max` (version 2) or `memory.limit_in_bytes` limits the memory of this process.
  ///
  /// - Parameter read: as for `quota(read:)`.
  package static func memoryFolders(read: (String) -> String?) -> [Folder] {
    guard let groups = read("/proc/self/cgroup"), let mounts = read("/proc/self/mountinfo") else {
      return []
    }
    return folders(of: .memory, groups: groups, mounts: mounts)
  }

  /// The smallest memory limit of some folders in bytes; nil if there is no limit.
  package static func memoryLimit(of folders: [Folder], read: (String) -> String?) -> Int? {
    folders.compactMap { folder in
      let name = folder.isVersion2 ? "memory.max" : "memory.limit_in_bytes"
      return read("\(folder.path)/\(name)").flatMap { text in
        Int(text.filter { !$0.isWhitespace }).flatMap { $0 > 0 ? $0 : nil }
      }
    }.min()
  }

  /// The quota "QUOTA PERIOD" in processors, rounded up; nil for "max PERIOD", "-1 PERIOD" or
  /// malformed text.
  package static func processors(max text: String) -> Int? {
    let fields = text.split(whereSeparator: \.isWhitespace).map { Int($0) }
    guard fields.count == 2, let quota = fields[0], let period = fields[1], quota > 0, period > 0
    else { return nil }
    return (quota - 1) / period + 1
  }

  /// A folder with the limit of a group.
  package struct Folder: Equatable, Sendable {
    package let path: String
    package let isVersion2: Bool

    package init(path: String, isVersion2: Bool) {
      self.path = path
      self.isVersion2 = isVersion2
    }
  }

  /// The folders of this process's groups that may limit a resource, and of the groups above them.
  ///
  /// - Parameters:
  ///   - resource: the resource.
  ///   - groups: `/proc/self/cgroup`, lines such as `0::/a/b` and `4:cpu,cpuacct:/a/b`.
  ///   - mounts: `/proc/self/mountinfo`, lines such as
  ///     `31 24 0:27 /a /sys/fs/cgroup rw - cgroup2 cgroup rw`.
  package static func folders(
    of resource: Resource = .processors, groups: String, mounts: String
  ) -> [Folder] {
    mounts.split(separator: "\n").flatMap { line -> [Folder] in
      guard let mount = Mount(line, resource), let group = mount.group(in: groups) else {
        return []
      }
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

  /// A mounted hierarchy that can limit the resource.
  private struct Mount {
    let root: [Substring]
    let point: Substring
    let isVersion2: Bool
    private let controller: Substring

    init?(_ line: Substring, _ resource: Resource) {
      controller = resource.rawValue[...]
      let fields = line.split(separator: " ")
      guard let dash = fields.firstIndex(of: "-"), dash >= 6, fields.count > dash + 3 else {
        return nil
      }
      switch fields[dash + 1] {
      case "cgroup2": isVersion2 = true
      case "cgroup" where fields[dash + 3].split(separator: ",").contains(controller):
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
          : fields[1].split(separator: ",").contains(controller)
        if isMine { return fields[2].split(separator: "/") }
      }
      return nil
    }
  }
}
