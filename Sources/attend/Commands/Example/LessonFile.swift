import Attention
import AttentionModels

/// Reads the file of `--matrices`.
///
/// The file is a JSON object with "tokens", and with either "queries", "keys" and "values", or "embeddings",
/// "W_Q", "W_K" and "W_V". Both forms may have "W_O". Matrices are arrays of rows.
struct LessonFile {
  private static let given = ["queries", "keys", "values"]
  private static let projected = ["embeddings", "W_Q", "W_K", "W_V"]
  /// The largest magnitude of a number.
  private static let numberLimit = 1000.0

  private let reader: ConfigurationReader

  init(path: String) throws {
    reader = try ConfigurationReader(
      contentsOfFile: path, kind: .exampleMatrices, acceptsNonFinite: false)
    let known = ["tokens"] + Self.given + Self.projected + ["W_O"]
    if let unknown = reader.object.keys.first(where: { !known.contains($0) }) {
      throw reader.failure(
        "unknown key \(reader.name(of: unknown)) (known: \(known.joined(separator: ", ")))")
    }
  }

  /// - Throws: `ModelError.configuration` naming the file and the key, with the sizes.
  func input() throws -> LessonInput {
    let words = try tokens()
    let used = Self.given.filter { reader.value($0) != nil }
    let projected = Self.projected.filter { reader.value($0) != nil }
    if let one = used.first, let other = projected.first {
      throw reader.failure(
        "\(one) and \(other) exclude each other: expected \(Self.given.joined(separator: ", ")), or "
          + Self.projected.joined(separator: ", "))
    }
    if used.isEmpty, projected.isEmpty {
      throw reader.failure(
        "no matrices: expected \(Self.given.joined(separator: ", ")), or "
          + Self.projected.joined(separator: ", "))
    }
    if used.isEmpty {
      let x = try matrix("embeddings", rows: words.count, because: "tokens")
      let query = try matrix("W_Q", rows: x.shape[1], because: "columns of embeddings")
      let key = try matrix(
        "W_K", rows: x.shape[1], because: "columns of embeddings", like: ("W_Q", query))
      let value = try matrix("W_V", rows: x.shape[1], because: "columns of embeddings")
      return try LessonInput(
        words: words,
        projections: .init(embeddings: x, query: query, key: key, value: value),
        outputWeight: outputWeight(of: value, "W_V"))
    }
    let queries = try matrix("queries", rows: words.count, because: "tokens")
    let keys = try matrix(
      "keys", rows: words.count, because: "tokens", like: ("queries", queries))
    let values = try matrix("values", rows: words.count, because: "tokens")
    return LessonInput(
      words: words, queries: queries, keys: keys, values: values,
      outputWeight: try outputWeight(of: values, "values"))
  }

  private func tokens() throws -> [String] {
    let tokens = try reader.array("tokens")
    let count = tokens.count
    guard (1...LessonInput.wordLimit).contains(count) else {
      throw reader.failure(
        "tokens: expected 1 to \(LessonInput.wordLimit) strings, got \(count)")
    }
    return try tokens.enumerated().map { index, token in
      guard let text = token.string, !text.isEmpty else {
        throw reader.mismatch("tokens[\(index)]", expected: "a string that is not empty", token)
      }
      return printable(text)
    }
  }

  private func outputWeight(of values: Tensor, _ name: String) throws -> Tensor? {
    guard reader.value("W_O") != nil else { return nil }
    return try matrix("W_O", rows: values.shape[1], because: "columns of \(name)")
  }

  /// The matrix under `key`.
  ///
  /// - Parameters:
  ///   - rows: the required number of rows.
  ///   - reason: what has this number.
  ///   - other: the name and the matrix that has the required number of columns; nil for any number.
  private func matrix(
    _ key: String, rows: Int, because reason: String,
    like other: (name: String, matrix: Tensor)? = nil
  ) throws -> Tensor {
    let array = try reader.array(key)
    guard array.count == rows else {
      throw reader.failure(
        "\(key): expected \(counted(rows, "row")), the number of \(reason), got \(array.count)")
    }
    var numbers: [[Float]] = []
    for (index, row) in array.enumerated() {
      let row = try self.row(row, named: "\(key)[\(index)]")
      if let first = numbers.first, first.count != row.count {
        throw reader.failure(
          "\(key)[\(index)]: expected \(counted(first.count, "number")), as in \(key)[0], got "
            + "\(row.count)")
      }
      numbers.append(row)
    }
    let matrix = try Tensor(rows: numbers)
    if let other, other.matrix.shape[1] != matrix.shape[1] {
      throw reader.failure(
        "\(key): expected \(counted(other.matrix.shape[1], "column")), as \(other.name) has, got "
          + "\(matrix.shape[1])")
    }
    return matrix
  }

  private func row(_ value: JSON, named name: String) throws -> [Float] {
    guard let row = value.array else {
      throw reader.mismatch(name, expected: "an array of numbers", value)
    }
    let count = row.count
    guard (1...LessonInput.featureLimit).contains(count) else {
      throw reader.failure(
        "\(name): expected 1 to \(LessonInput.featureLimit) numbers, got \(count)")
    }
    let limit = Self.numberLimit
    return try row.enumerated().map { index, value in
      guard let number = value.number?.double, (-limit...limit).contains(number) else {
        throw reader.mismatch(
          "\(name)[\(index)]", expected: "a number from -\(Int(limit)) to \(Int(limit))", value)
      }
      return Float(number)
    }
  }
}
