import AttentionCore

/// The contents of a SentencePiece model file: the pieces, and the options of normalization and model.
///
/// - Source: `sentencepiece_model.proto` of SentencePiece.
struct SentencePieceModel {
  enum Kind: Int32 {
    case unigram = 1
    case bytePairs, words, letters
  }

  /// The pieces, by id.
  private(set) var pieces: SentencePieces
  private(set) var kind = Kind.unigram
  private(set) var fallsBackToBytes = false
  private(set) var unknownID = 0
  private(set) var beginID = 1
  private(set) var endID = 2
  private(set) var unknownPiece = "<unk>"
  private(set) var beginPiece = "<s>"
  private(set) var endPiece = "</s>"
  private(set) var putsSpaceAtEnd = false
  /// The bytes of a `Charsmap`; nil if the file has none.
  private(set) var charsmap: [UInt8]?
  private(set) var addsDummyPrefix = true
  private(set) var removesExtraSpaces = true
  private(set) var escapesSpaces = true

  /// Maximum number of pieces. Published models have up to 262,144.
  private static let pieceLimit = 1 << 20
  /// Maximum sum of the squared lengths of all pieces, which bounds the time of `SentencePieceMerges`. The
  /// largest published models have 5 · 10⁷.
  private static let squareLimit = 1 << 30

  /// Reads the file at `path`.
  ///
  /// - Throws: `ModelError.tokenizer` with the offset if the file is not a SentencePiece model;
  ///   `AttentionError.file` if the file cannot be read.
  init(contentsOfFile path: String) throws {
    let bytes = try InputFile.contents(ofFile: path, kind: .sentencePieceModel)
    do {
      try self.init(bytes[...])
    } catch {
      throw ModelError.tokenizer(path: path, reason: "\(error)")
    }
  }

  /// - Throws: `ProtobufError` if the bytes are not a SentencePiece model.
  init(_ bytes: ArraySlice<UInt8>) throws(ProtobufError) {
    pieces = try Self.emptyPieces(bytes)
    var reader = ProtobufReader(bytes)
    while let field = try reader.next() {
      switch field.number {
      case 1:
        guard pieces.count < Self.pieceLimit else {
          throw ProtobufError(offset: field.offset, reason: "more than \(Self.pieceLimit) pieces")
        }
        try append(field)
      case 2: try readTrainer(field.bytes())
      case 3: try readNormalizer(field.bytes())
      default: continue
      }
    }
    guard !pieces.isEmpty else {
      throw ProtobufError(offset: bytes.startIndex, reason: "SentencePiece model without pieces")
    }
    let squares = (0..<pieces.count).reduce(0) {
      $0 + pieces.texts[$1].count * pieces.texts[$1].count
    }
    guard squares <= Self.squareLimit else {
      throw ProtobufError(
        offset: bytes.startIndex,
        reason: "the squared lengths of the \(pieces.count) pieces add up to \(squares), "
          + "the limit is \(Self.squareLimit)")
    }
  }

  /// A list with room for the pieces, without pieces.
  private static func emptyPieces(
    _ bytes: ArraySlice<UInt8>
  ) throws(ProtobufError) -> SentencePieces {
    var count = 0
    var byteCount = 0
    var reader = ProtobufReader(bytes)
    while let field = try reader.next() {
      guard field.number == 1, case .bytes(let piece) = field.value, count < pieceLimit else {
        continue
      }
      count += 1
      // The score takes five bytes, and the start of the text two.
      byteCount += max(piece.count - 7, 0)
    }
    return SentencePieces(count: count, byteCount: byteCount)
  }

  /// Reads `SentencePiece` and appends it to the pieces.
  private mutating func append(_ field: ProtobufReader.Field) throws(ProtobufError) {
    var text = ""
    var score: Float = 0
    var kind = SentencePieces.Kind.normal
    var reader = ProtobufReader(try field.bytes())
    while let part = try reader.next() {
      switch part.number {
      case 1: text = try part.string()
      case 2: score = try part.float()
      case 3:
        let value = try part.int32()
        guard let known = SentencePieces.Kind(rawValue: value) else {
          throw ProtobufError(offset: part.offset, reason: "unknown piece type \(value)")
        }
        kind = known
      default: continue
      }
    }
    func failure(_ reason: String) -> ProtobufError {
      ProtobufError(offset: field.offset, reason: reason)
    }
    guard !text.isEmpty else { throw failure("empty piece") }
    guard text.utf8.count <= Unigram.tokenLengthLimit else {
      throw failure("piece longer than \(Unigram.tokenLengthLimit) bytes")
    }
    guard score.isFinite else {
      throw failure("piece score: expected a finite number, got \(score)")
    }
    pieces.append(text, score: score, kind: kind)
  }

  /// Reads `TrainerSpec`; most of its fields concern only training and are skipped.
  private mutating func readTrainer(_ message: ArraySlice<UInt8>) throws(ProtobufError) {
    var reader = ProtobufReader(message)
    while let field = try reader.next() {
      switch field.number {
      case 3:
        let value = try field.int32()
        guard let kind = Kind(rawValue: value) else {
          throw ProtobufError(offset: field.offset, reason: "unknown model_type \(value)")
        }
        self.kind = kind
      case 24: putsSpaceAtEnd = try field.boolean()
      case 35: fallsBackToBytes = try field.boolean()
      case 40: unknownID = Int(try field.int32())
      case 41: beginID = Int(try field.int32())
      case 42: endID = Int(try field.int32())
      case 45: unknownPiece = try field.string(orIfEmpty: unknownPiece)
      case 46: beginPiece = try field.string(orIfEmpty: beginPiece)
      case 47: endPiece = try field.string(orIfEmpty: endPiece)
      default: continue
      }
    }
  }

  /// Reads `NormalizerSpec`.
  private mutating func readNormalizer(_ message: ArraySlice<UInt8>) throws(ProtobufError) {
    var reader = ProtobufReader(message)
    while let field = try reader.next() {
      switch field.number {
      case 2:
        let bytes = try field.bytes()
        // A copy: a slice would keep the whole file.
        charsmap = bytes.isEmpty ? nil : Array(bytes)
      case 3: addsDummyPrefix = try field.boolean()
      case 4: removesExtraSpaces = try field.boolean()
      case 5: escapesSpaces = try field.boolean()
      default: continue
      }
    }
  }
}
