/// The header of an `.npy` file: magic bytes, version, length, and a dictionary.
///
/// Source: NumPy's `numpy.lib.format`, versions 1.0 (16-bit length), 2.0 (32-bit length) and 3.0
/// (as 2.0, in UTF-8, which only the names of structured types need).
struct NPYHeader: Equatable {
  let type: NPYType
  let order: ByteOrder
  let isFortranOrder: Bool
  let shape: Shape
  /// The number of elements: the product of the extents.
  let count: Int

  /// The maximum rank of a NumPy array.
  static let rankLimit = 64
  private static let magic: [UInt8] = [0x93] + "NUMPY".utf8

  /// A header for a row-major array of little-endian elements.
  ///
  /// - Throws: if an extent is negative, the element count overflows, or there are more than
  ///   `rankLimit` axes.
  init(type: NPYType, shape: Shape) throws {
    guard shape.rank <= Self.rankLimit else {
      throw AttentionError.shape(
        argument: "shape", expected: "at most \(Self.rankLimit) axes", got: shape)
    }
    self.type = type
    self.order = .littleEndian
    self.isFortranOrder = false
    self.shape = shape
    self.count = try shape.elementCount()
  }

  /// Reads the header of `file` and checks that the data after it has the right length.
  ///
  /// - Returns: the header, and the position of the data.
  /// - Throws: `AttentionError.file` with the reason.
  static func read(from file: InputFile) throws -> (header: NPYHeader, dataStart: Int) {
    func failure(_ reason: String) -> AttentionError { .file(path: file.path, reason: reason) }
    let start = try file.bytes(in: 0..<min(12, file.byteCount))
    guard start.starts(with: magic) else { throw failure("not an .npy file: wrong magic") }
    guard start.count >= 10 else { throw failure("truncated: the header ends early") }
    let textStart: Int
    switch (start[6], start[7]) {
    case (1, 0): textStart = 10
    case (2, 0), (3, 0): textStart = 12
    default: throw failure("unsupported .npy version \(start[6]).\(start[7])")
    }
    guard start.count >= textStart else { throw failure("truncated: the header ends early") }
    let textCount = start[8..<textStart].reversed().reduce(0) { $0 << 8 | Int($1) }
    let limit = FileKind.npyHeader.limit
    guard textCount <= limit else {
      throw failure("header too large: \(textCount) bytes, more than \(limit)")
    }
    let dataStart = textStart + textCount
    guard dataStart <= file.byteCount else {
      throw failure("truncated: a header of \(textCount) bytes in a file of \(file.byteCount)")
    }
    let text = try file.bytes(in: textStart..<dataStart)
    do {
      let header = try NPYHeader(text: text)
      try header.check(dataByteCount: file.byteCount - dataStart)
      return (header, dataStart)
    } catch {
      throw failure(error.reason)
    }
  }

  /// Parses the dictionary.
  init(text: [UInt8]) throws(NPYHeaderParser.Failure) {
    let entries = try NPYHeaderParser.parse(text)
    guard let (type, order) = NPYType.parse(description: entries.description) else {
      let supported = NPYType.allCases.map(\.rawValue).joined(separator: ", ")
      throw .init("dtype '\(entries.description)' is not supported (supported: \(supported))")
    }
    guard entries.dimensions.count <= Self.rankLimit else {
      throw .init("rank \(entries.dimensions.count) is more than \(Self.rankLimit)")
    }
    self.type = type
    self.order = order
    self.isFortranOrder = entries.isFortranOrder
    self.shape = Shape(entries.dimensions)
    do {
      self.count = try shape.elementCount()
    } catch {
      throw .init("\(error)")
    }
  }

  private func check(dataByteCount: Int) throws(NPYHeaderParser.Failure) {
    let (needed, overflow) = count.multipliedReportingOverflow(by: type.byteCount)
    guard !overflow else {
      throw .init("overflow: the byte count of shape \(shape) exceeds \(Int.max)")
    }
    let what = "shape \(shape) of '\(type.rawValue)' takes \(needed) bytes, the file has"
    guard dataByteCount >= needed else { throw .init("truncated: \(what) \(dataByteCount)") }
    guard dataByteCount == needed else { throw .init("trailing bytes: \(what) \(dataByteCount)") }
  }

  /// The header as NumPy writes it: version 1.0, byte for byte.
  ///
  /// With at most `rankLimit` axes, the header is much shorter than the limit of version 1.0,
  /// 65,535 bytes.
  var bytes: [UInt8] {
    let extents = shape.dimensions.map { "\($0)" }
    let tuple = extents.count == 1 ? "(\(extents[0]),)" : "(\(extents.joined(separator: ", ")))"
    var text =
      "{'descr': '\(type.littleEndianDescription)', 'fortran_order': False, 'shape': \(tuple), }"
    // Like NumPy, leave space for the first extent to grow in place to 21 digits. Then pad to a
    // multiple of 64 bytes with at least one space, and end with a newline.
    if let first = extents.first { text += String(repeating: " ", count: 21 - first.utf8.count) }
    text += String(repeating: " ", count: 64 - (10 + text.utf8.count + 1) % 64) + "\n"
    let count = text.utf8.count
    return Self.magic + [1, 0, UInt8(count & 0xFF), UInt8(count >> 8)] + text.utf8
  }
}
