import Synchronization

/// Memory for packed panels. Idle ones are kept for the next product, whichever thread runs it.
struct PackingWorkspace: @unchecked Sendable {
  /// The depth of a slice: how much of k is multiplied before C is touched.
  static let maximumDepth = 256
  /// The columns of B that are packed together: with the depth, half a MiB of second-level cache.
  static let maximumWidth = 512
  /// Idle workspaces beyond this are given back.
  private static let maximumIdleCount = 64
  private static let idle = Mutex<[PackingWorkspace]>([])

  /// One panel of A: for each p, 4 rows' scalars, each repeated 4 times.
  let a: UnsafeMutablePointer<SIMD4<Float>>
  /// Panels of B: for each panel and p, 8 columns' scalars as 2 vectors.
  let b: UnsafeMutablePointer<SIMD4<Float>>

  private init() {
    a = Self.allocate(vectorCount: Self.maximumDepth * Tile.rowCount)
    b = Self.allocate(vectorCount: Self.maximumDepth * Self.maximumWidth / 4)
  }

  /// Vectors that start on a cache line.
  private static func allocate(vectorCount: Int) -> UnsafeMutablePointer<SIMD4<Float>> {
    UnsafeMutableRawPointer
      .allocate(byteCount: vectorCount * MemoryLayout<SIMD4<Float>>.stride, alignment: 64)
      .initializeMemory(as: SIMD4<Float>.self, repeating: .zero, count: vectorCount)
  }

  /// Gives back all idle workspaces.
  static func release() {
    idle.withLock { idle in
      for workspace in idle { workspace.deallocate() }
      idle = []
    }
  }

  private func deallocate() {
    a.deallocate()
    b.deallocate()
  }

  /// Lends `body` a workspace that nobody else uses meanwhile; its contents are arbitrary.
  static func withIdle(_ body: (PackingWorkspace) -> Void) {
    let workspace = idle.withLock { $0.popLast() } ?? PackingWorkspace()
    body(workspace)
    let isKept = idle.withLock { idle in
      guard idle.count < maximumIdleCount else { return false }
      idle.append(workspace)
      return true
    }
    if !isKept { workspace.deallocate() }
  }
}
