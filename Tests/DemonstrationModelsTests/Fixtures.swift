import TestSupport

/// The fixtures of this target.
enum Fixtures: FixtureFolder {
  static let target = "DemonstrationModelsTests"
}
