import Attention

/// The header of a safetensors file: the names, types, shapes and byte ranges of the tensors.
///
/// The byte ranges must cover all data, without gaps and overlaps.
///
/// Source: the format's description and the checks of its reference reader,
/// https://github.com/huggingface/safetensors.
struct SafetensorsHeader: Sendable {
  /// The description of a tensor.
  struct Entry: Sendable {
    let name: String
    let type: SafetensorsType
    let shape: Shape
    /// The range of its bytes, relative to the end of the header.
    let range: Range<Int>
  }

  /// An error in a header.
  struct Failure: Error {
    let reason: String

    init(_ reason: String) { self.reason = reason }
  }

  /// The tensors in the order of the header.
  let entries: [Entry]
  let metadata: [String: String]

  static let rankLimit = 8
  /// The maximum number of tensors: far more than any model has. A header of that size is parsed in
  /// less than two seconds.
  static let tensorLimit = 100_000
  private static let metadataKey = "__metadata__"

  /// Parses the header `text`, which `dataByteCount` bytes of data follow.
  ///
  /// - Throws: `Failure`; `CancellationError` if the current task is cancelled.
  init(text: [UInt8], dataByteCount: Int) throws {
    let object = try Self.object(text)
    var entries: [Entry] = []
    entries.reserveCapacity(object.count)
    var metadata: [String: String] = [:]
    for member in object.members {
      if member.key == Self.metadataKey {
        metadata = try Self.metadata(member.value)
      } else {
        entries.append(try Self.entry(member.key, member.value))
      }
    }
    try Self.checkCoverage(entries, dataByteCount: dataByteCount)
    self.entries = entries
    self.metadata = metadata
  }

  /// Parses `text` as a JSON object, which may have spaces after it but not before it.
  private static func object(_ text: [UInt8]) throws -> JSONObject {
    guard text.first == UInt8(ascii: "{") else { throw Failure("the header is not a JSON object") }
    guard JSONSize(text).isWithin(objectLimit: tensorLimit + 2, valueLimit: 12 * tensorLimit) else {
      throw Failure("too many tensors or values in the header (at most \(tensorLimit) tensors)")
    }
    let value: JSON
    do {
      value = try JSON.parse(text, nestingLimit: 8)
    } catch let error as JSONError {
      throw Failure("header: \(printable("\(error)"))")
    }
    guard let object = value.object else { throw Failure("the header is not a JSON object") }
    return object
  }

  private static func metadata(_ value: JSON) throws(Failure) -> [String: String] {
    guard let object = value.object else {
      throw Failure("\(metadataKey): expected object, got \(value.kind)")
    }
    var metadata: [String: String] = [:]
    for member in object.members {
      guard let text = member.value.string else {
        throw Failure(
          "\(metadataKey), '\(printable(member.key))': expected string, got \(member.value.kind)")
      }
      metadata[member.key] = text
    }
    return metadata
  }

  private static func entry(_ name: String, _ value: JSON) throws(Failure) -> Entry {
    let subject = "tensor '\(printable(name))'"
    func required(_ key: String) throws(Failure) -> JSON {
      guard let object = value.object else {
        throw Failure("\(subject): expected object, got \(value.kind)")
      }
      guard let value = object[key] else { throw Failure("\(subject): missing key \(key)") }
      return value
    }
    let typeName = try required("dtype")
    guard let typeText = typeName.string else {
      throw Failure("\(subject): dtype: expected string, got \(typeName.kind)")
    }
    guard let type = SafetensorsType(rawValue: typeText) else {
      throw Failure("\(subject): unknown dtype '\(printable(typeText))'")
    }
    let shape = Shape(try integers(try required("shape"), "\(subject): shape"))
    guard shape.rank <= rankLimit else {
      throw Failure("\(subject): rank \(shape.rank) is more than \(rankLimit)")
    }
    let offsets = try integers(try required("data_offsets"), "\(subject): data_offsets")
    guard offsets.count == 2 else {
      throw Failure("\(subject): data_offsets: expected 2 integers, got \(offsets.count)")
    }
    guard offsets[0] <= offsets[1] else {
      throw Failure("\(subject): data_offsets: begin \(offsets[0]) is past end \(offsets[1])")
    }
    let byteCount = try byteCount(type, shape, subject)
    guard byteCount == offsets[1] - offsets[0] else {
      throw Failure(
        "\(subject): size mismatch: shape \(shape) of \(typeText) takes \(byteCount) bytes, "
          + "data_offsets \(offsets) have \(offsets[1] - offsets[0])")
    }
    return Entry(name: name, type: type, shape: shape, range: offsets[0]..<offsets[1])
  }

  private static func byteCount(
    _ type: SafetensorsType, _ shape: Shape, _ subject: String
  ) throws(Failure) -> Int {
    let count: Int
    do {
      count = try shape.elementCount()
    } catch {
      throw Failure("\(subject): \(error)")
    }
    let (bitCount, overflow) = count.multipliedReportingOverflow(by: type.bitCount)
    guard !overflow else {
      throw Failure("\(subject): overflow: the size of shape \(shape) exceeds \(Int.max) bits")
    }
    guard bitCount % 8 == 0 else {
      throw Failure(
        "\(subject): size mismatch: shape \(shape) of \(type.rawValue) ends within a byte")
    }
    return bitCount / 8
  }

  private static func integers(_ value: JSON, _ subject: String) throws(Failure) -> [Int] {
    guard let values = value.array else {
      throw Failure("\(subject): expected array of integers, got \(value.kind)")
    }
    var integers: [Int] = []
    for value in values {
      guard let number = value.number, number.isInteger, !number.text.hasPrefix("-") else {
        let got = value.number.map { printable($0.text, limit: 40) } ?? value.kind
        throw Failure("\(subject): expected non-negative integer, got \(got)")
      }
      guard let integer = number.integer else {
        throw Failure("\(subject): overflow: \(number.text.prefix(40)) exceeds \(Int.max)")
      }
      integers.append(integer)
    }
    return integers
  }

  private static func checkCoverage(
    _ entries: [Entry], dataByteCount: Int
  ) throws(Failure) {
    let ordered = entries.sorted {
      ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
    }
    var end = 0
    for entry in ordered {
      let begin = entry.range.lowerBound
      guard begin >= end else {
        throw Failure(
          "overlap: tensor '\(printable(entry.name))' begins at \(begin), before \(end)")
      }
      guard begin == end else {
        throw Failure("gap: the bytes from \(end) to \(begin) belong to no tensor")
      }
      end = entry.range.upperBound
    }
    guard end <= dataByteCount else {
      throw Failure("truncated: the tensors take \(end) bytes, the file has \(dataByteCount)")
    }
    guard end == dataByteCount else {
      throw Failure(
        "trailing bytes: the tensors take \(end) bytes, the file has \(dataByteCount)")
    }
  }
}
