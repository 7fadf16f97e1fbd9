import AttentionCore

extension ConfigurationReader {
  private static let labelLimit = 100_000

  /// The labels of a classification head: the values of `id2label`, in the order of their ids. Without the key,
  /// `LABEL_0`, `LABEL_1`, …, as many as `num_labels`, by default two.
  ///
  /// - Throws: `ModelError.configuration` if the ids are not 0, 1, 2, ….
  func labels() throws -> [String] {
    guard let names = try optionalNested("id2label") else {
      let count = try integer("num_labels", in: 1...Self.labelLimit, default: 2)
      return (0..<count).map { "LABEL_\($0)" }
    }
    let count = names.object.count
    guard (1...Self.labelLimit).contains(count) else {
      throw failure("id2label: expected 1 to \(Self.labelLimit) labels, got \(count)")
    }
    return try (0..<count).map { try names.string("\($0)") }
  }
}
