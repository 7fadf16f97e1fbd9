extension ModelDirectory: CustomStringConvertible {
  /// The path, such as `ModelDirectory("models/gpt2")`.
  public var description: String { "ModelDirectory(\(quoted(path, limit: 400)))" }
}
