/// Reads the values of a JSON object with checks of their types and ranges.
///
/// Every error names the file and the key. A key with the value `null` counts as missing, except for an
/// integer with a default.
package struct ConfigurationReader: Sendable {
  /// Determines the case of `ModelError` for errors in the file.
  package enum Role: Sendable {
    case configuration
    case tokenizer
  }

  package let path: String
  package let object: JSONObject
  private let role: Role
  /// The path of keys from the outermost object to this one, such as `text_config.`.
  private let prefix: String
  /// Values that replace those of the file, in objects of a `type`, at any depth: `overrides[type][key]`.
  private var overrides: [String: [String: JSON]] = [:]

  package init(path: String, object: JSONObject, role: Role = .configuration, prefix: String = "") {
    self.path = path
    self.object = object
    self.role = role
    self.prefix = prefix
  }

  /// Reads the JSON file at `path`, whose outermost value must be an object.
  ///
  /// - Parameters:
  ///   - kind: determines the largest size of the file.
  ///   - acceptsNonFinite: whether `NaN` and `Infinity`, which Python's `json` writes, are accepted as numbers;
  ///     reading a key that must be finite then throws.
  /// - Throws: `AttentionError.file` if the file cannot be read or is too large, `ModelError` with the byte offset
  ///   if it is not valid JSON; `AttentionError.memory`.
  package init(
    contentsOfFile path: String, kind: FileKind = .configuration, role: Role = .configuration,
    acceptsNonFinite: Bool = true
  ) throws {
    let bytes = try InputFile.contents(ofFile: path, kind: kind)
    self.init(path: path, object: JSONObject(), role: role)
    let value: JSON
    do {
      value = try JSON.parse(bytes, acceptsNonFinite: acceptsNonFinite)
    } catch let error as JSONError {
      throw failure("\(error)")
    }
    guard let object = value.object else { throw failure("expected object, got \(value.kind)") }
    self.init(path: path, object: object, role: role)
  }

  /// An error with the path of the file.
  package func failure(_ reason: String) -> ModelError {
    switch role {
    case .configuration: .configuration(path: path, reason: reason)
    case .tokenizer: .tokenizer(path: path, reason: reason)
    }
  }

  /// The name of a key in error messages, with the path of keys before it.
  package func name(of key: String) -> String { prefix + printable(key, limit: 60) }

  /// A reader with other values in the objects of some types: `overrides[type][key]`.
  package func overriding(_ overrides: [String: [String: JSON]]) -> ConfigurationReader {
    var reader = self
    reader.overrides = overrides
    return reader
  }

  /// The value of `key`; nil if it is missing or `null`.
  package func value(_ key: String) -> JSON? {
    guard let value = override(of: key) ?? object[key], !value.isNull else { return nil }
    return value
  }

  private func override(of key: String) -> JSON? {
    guard !overrides.isEmpty, let type = object["type"]?.string else { return nil }
    return overrides[type]?[key]
  }

  package func integer(_ key: String, in range: ClosedRange<Int>) throws(ModelError) -> Int {
    try required(key, optionalInteger(key, in: range))
  }

  /// The integer under `key`; the default if the key is missing. Unlike the other methods, this one throws
  /// for `null`.
  package func integer(
    _ key: String, in range: ClosedRange<Int>, default: Int
  ) throws(ModelError) -> Int {
    guard let value = object[key] else { return `default` }
    guard let integer = try optionalInteger(key, in: range) else {
      throw mismatch(key, expected: "integer", value)
    }
    return integer
  }

  package func optionalInteger(
    _ key: String, in range: ClosedRange<Int>
  ) throws(ModelError) -> Int? {
    guard let value = value(key) else { return nil }
    guard let integer = value.integer, range.contains(integer) else {
      throw mismatch(
        key, expected: "integer in the range \(range.lowerBound)...\(range.upperBound)", value)
    }
    return integer
  }

  /// A finite number, written as an integer or not.
  package func number(_ key: String, in range: ClosedRange<Double>) throws(ModelError) -> Double {
    try required(key, optionalNumber(key, in: range))
  }

  /// A finite number, written as an integer or not; nil if the key is missing or `null`.
  package func optionalNumber(
    _ key: String, in range: ClosedRange<Double>
  ) throws(ModelError) -> Double? {
    guard let value = value(key) else { return nil }
    guard let number = value.number?.double, number.isFinite, range.contains(number) else {
      throw mismatch(
        key, expected: "number in the range \(range.lowerBound)...\(range.upperBound)", value)
    }
    return number
  }

  package func string(_ key: String) throws(ModelError) -> String {
    try required(key, optionalString(key))
  }

  package func optionalString(_ key: String) throws(ModelError) -> String? {
    guard let value = value(key) else { return nil }
    guard let string = value.string else { throw mismatch(key, expected: "string", value) }
    return string
  }

  package func boolean(_ key: String) throws(ModelError) -> Bool {
    try required(key, optionalBoolean(key))
  }

  package func optionalBoolean(_ key: String) throws(ModelError) -> Bool? {
    guard let value = value(key) else { return nil }
    guard let boolean = value.boolean else { throw mismatch(key, expected: "boolean", value) }
    return boolean
  }

  package func array(_ key: String) throws(ModelError) -> JSONArray {
    try required(key, optionalArray(key))
  }

  package func optionalArray(_ key: String) throws(ModelError) -> JSONArray? {
    guard let value = value(key) else { return nil }
    guard let array = value.array else { throw mismatch(key, expected: "array", value) }
    return array
  }

  /// A reader for the object under `key`, whose errors name both keys: `key.inner`.
  package func nested(_ key: String) throws(ModelError) -> ConfigurationReader {
    try required(key, optionalNested(key))
  }

  /// A reader for the object under `key`; nil if the key is missing or `null`.
  package func optionalNested(_ key: String) throws(ModelError) -> ConfigurationReader? {
    guard let value = value(key) else { return nil }
    return try reader(for: value, named: key)
  }

  /// A reader for an object inside this one, such as an element of an array.
  package func reader(
    for value: JSON, named key: String
  ) throws(ModelError) -> ConfigurationReader {
    guard let object = value.object else { throw mismatch(key, expected: "object", value) }
    return ConfigurationReader(
      path: path, object: object, role: role, prefix: "\(prefix)\(printable(key, limit: 60))."
    ).overriding(overrides)
  }

  /// Calls `body` with a reader for each object of the array under `key`.
  package func forEachNested(
    _ key: String, _ body: (ConfigurationReader) throws(ModelError) -> Void
  ) throws(ModelError) {
    for (index, value) in try array(key).enumerated() {
      try body(try reader(for: value, named: "\(key)[\(index)]"))
    }
  }

  /// The error for a value of the wrong type or size.
  package func mismatch(_ key: String, expected: String, _ value: JSON) -> ModelError {
    failure("\(name(of: key)): expected \(expected), got \(describe(value))")
  }

  private func required<Value>(_ key: String, _ value: Value?) throws(ModelError) -> Value {
    guard let value else { throw failure("missing key \(name(of: key))") }
    return value
  }

  /// The text of a value in error messages: a number, the beginning of a string, a boolean, or the kind of
  /// the value.
  package func describe(_ value: JSON) -> String {
    switch value {
    case .number(let number): printable(number.text, limit: 40)
    case .string(let string): "string \(quoted(string, limit: 40))"
    case .boolean(let boolean): "\(boolean)"
    case .null, .array, .object: value.kind
    }
  }
}
