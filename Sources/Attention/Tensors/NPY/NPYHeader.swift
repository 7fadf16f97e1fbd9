/// What stands before the data of an `.npy` file: magic, version, length, and a dictionary.
///
/// Source: NumPy's `numpy.lib.format`, versions 1.0 (16-bit length), 2.0 (32-bit length) and 3.0
/// (the same in UTF-8, which only the names of structured types need).
struct NPYHeader: Equatable {
  let type: NPYType
  let order: ByteOrder
  let isFortranOrder: Bool
  let shape: Shape
  /// The number of elements: the product of the extents.
  let count: Int

  /// NumPy itself makes no array of more axes.
  static let rankLimit = 64
  static let headerLimit = 1 << 20
  private static let magic: [UInt8] = [0x93] + "NUMPY".utf8

  /// A header for an array in row-major order of little-endian elements.
  ///
  /// - Throws: for a shape that is negative, overflows, or has more axes than NumPy reads.
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

  /// Reads and checks the header of `file`, and that the data after it is as long as it says.
  ///
  /// - Returns: the header, and where the data begins.
  /// - Throws: `AttentionError.file` saying what is wrong.
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
    guard textCount <= headerLimit else {
      throw failure("header too large: \(textCount) bytes, more than \(headerLimit)")
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

  /// Reads the dictionary.
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

  /// The header as NumPy writes it, version 1.0, byte for byte.
  ///
  /// With `rankLimit` axes it stays far below the 65,535 bytes at which version 2.0 would be needed.
  var bytes: [UInt8] {
    let extents = shape.dimensions.map { "\($0)" }
    let tuple = extents.count == 1 ? "(\(extents[0]),)" : "(\(extents.joined(separator: ", ")))"
    var text =
      "{'descr': '\(type.littleEndianDescription)', 'fortran_order': False, 'shape': \(tuple), }"
    // NumPy leaves room for the first extent to grow in place to 21 digits, then fills up to a
    // multiple of 64 bytes with at least one space, and ends in a newline.
    if let first = extents.first { text += String(repeating: " ", count: 21 - first.utf8.count) }
    text += String(repeating: " ", count: 64 - (10 + text.utf8.count + 1) % 64) + "\n"
    let count = text.utf8.count
    return Self.magic + [1, 0, UInt8(count & 0xFF), UInt8(count >> 8)] + text.utf8
  }
}
