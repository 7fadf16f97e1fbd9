import TestSupport

/// The fixtures of this target.
enum Fixtures: FixtureFolder {
  static let target = "TokenizersTests"
}

extension TemporaryDirectory {
  /// Copies a file of this target's fixtures, or everything in a folder, to this directory.
  func copy(fixture name: String, to target: String? = nil) throws {
    try Fixtures.copy(name, into: self, as: target)
  }
}
