import AttentionCore
import AttentionModels
import Foundation

/// A sentence model, with what identifies it: its name, and a checksum of its files.
public struct SearchModel: Sendable, CustomStringConvertible {
  /// The name or path of the model's folder.
  public let name: String
  /// XXH64 of the model's files: its configuration, tokenizer and weights. It tells models apart; it is no protection
  /// against forgery.
  public let fingerprint: String
  /// The model.
  public let embedder: SentenceEmbedder

  /// One line: the name, the fingerprint and the number of features.
  public var description: String {
    Self.description(name, fingerprint, embedder.embeddingDimension)
  }

  static func description(_ name: String, _ fingerprint: String, _ dimension: Int) -> String {
    "\(printable(name, limit: 1000)) (fingerprint \(fingerprint), \(dimension) features)"
  }

  /// Loads a sentence model by name or path.
  ///
  /// - Parameters:
  ///   - model: the path of its folder, or a name; see `ModelDirectory.init(_:revision:)`.
  ///   - revision: the revision in Hugging Face's cache; nil for `main`.
  ///   - format: the format of the weights in memory; nil for the format of the file.
  /// - Throws: as `SentenceEmbedder.init(model:revision:format:)`.
  public init(_ model: String, revision: String? = nil, format: WeightFormat? = nil) throws {
    try self.init(ModelDirectory(model, revision: revision), name: model, format: format)
  }

  /// Loads the sentence model in a folder.
  ///
  /// - Parameters:
  ///   - directory: the model's folder.
  ///   - name: the name that an index records; nil for the path of the folder.
  ///   - format: the format of the weights in memory; nil for the format of the file.
  /// - Throws: as ``init(_:revision:format:)``.
  public init(_ directory: ModelDirectory, name: String? = nil, format: WeightFormat? = nil) throws
  {
    self.name = name ?? directory.path
    (embedder, fingerprint) = try Workers.both(
      { try SentenceEmbedder(directory, format: format) },
      { try Self.fingerprint(of: directory.path) })
  }

  /// Loads a sentence model without blocking a thread of Swift's cooperative pool.
  ///
  /// - Throws: as ``init(_:revision:format:)``; `CancellationError` if the current task is cancelled.
  public static func load(
    _ model: String, revision: String? = nil, format: WeightFormat? = nil
  ) async throws -> SearchModel {
    try await BlockingWork.run { try SearchModel(model, revision: revision, format: format) }
  }

  // MARK: Fingerprint

  private static let suffixes = [".json", ".txt", ".safetensors", ".model"]
  private static let pieceByteCount = 4 << 20

  /// The checksum of the names and contents of a model's files, in its folder and in the folders of its modules, such
  /// as `1_Pooling`.
  static func fingerprint(of folder: String) throws -> String {
    let manager = FileManager.default
    var files: [String] = []
    for entry in try manager.contentsOfDirectory(atPath: folder) where !entry.hasPrefix(".") {
      if isDirectory("\(folder)/\(entry)") {
        guard entry.first?.isNumber == true else { continue }
        files += try manager.contentsOfDirectory(atPath: "\(folder)/\(entry)").map {
          "\(entry)/\($0)"
        }
      } else {
        files.append(entry)
      }
    }
    var input = ChecksumInput()
    for name in files.sorted() where suffixes.contains(where: name.hasSuffix) {
      let file = try InputFile(path: "\(folder)/\(name)")
      let starts = Array(stride(from: 0, to: file.byteCount, by: pieceByteCount))
      let checksums = try Workers.map(starts, chunk: 1) { _, start in
        Checksum.of(try file.bytes(in: start..<min(start + pieceByteCount, file.byteCount)))
      }
      input.add(name)
      for checksum in checksums { input.add(checksum) }
    }
    let digits = String(input.checksum, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
