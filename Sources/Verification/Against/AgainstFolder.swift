import Attention
import AttentionCore
import Foundation

/// A folder of cases whose results another framework wrote: a subfolder for each case, with `case.json` and
/// a `.npy` file for each array. The article "Verify on your machine" documents the files.
package struct AgainstFolder: Sendable {
  let cases: [AgainstCase]

  /// - Parameter path: the folder of one case, or a folder of such folders.
  /// - Throws: `ModelError.configuration` or `AttentionError.file` for a damaged `case.json`;
  ///   `AttentionError.file` for a folder without cases.
  package init(path: String) throws {
    if FileManager.default.fileExists(atPath: "\(path)/\(AgainstCase.fileName)") {
      cases = [try AgainstCase(path: path)]
      return
    }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    cases = try names.sorted { $0.localizedStandardCompare($1) == .orderedAscending }
      .map { "\(path)/\($0)" }
      .filter { FileManager.default.fileExists(atPath: "\($0)/\(AgainstCase.fileName)") }
      .map(AgainstCase.init(path:))
    guard !cases.isEmpty else {
      throw AttentionError.file(
        path: path,
        reason: "expected a folder with \(AgainstCase.fileName), or a folder of such folders")
    }
  }
}

/// One case of the folder.
struct AgainstCase: Sendable {
  static let fileName = "case.json"

  let path: String
  let operation: String
  private let reader: ConfigurationReader
  private let kind: Operation

  enum Operation: String, CaseIterable {
    case attention, linear
    case layerNorm = "layer_norm"
    case rmsNorm = "rms_norm"
    case multiHeadAttention = "multi_head_attention"
    case encoder
    case languageModel = "language_model"
  }

  init(path: String) throws {
    self.path = path
    reader = try ConfigurationReader(contentsOfFile: "\(path)/\(Self.fileName)")
    operation = try reader.string("operation")
    guard let kind = Operation(rawValue: operation) else {
      throw ModelError.unsupported(
        path: reader.path, what: "operation \(printable(operation))",
        supported: Operation.allCases.map(\.rawValue))
    }
    self.kind = kind
  }

  func prepare() throws -> PreparedCase {
    let files = AgainstFiles(path: path, reader: reader)
    let name = URL(fileURLWithPath: path).lastPathComponent
    let measure =
      switch kind {
      case .attention: try AgainstAttention.measure(files)
      case .linear, .layerNorm, .rmsNorm, .multiHeadAttention:
        try AgainstLayers.measure(kind, files)
      case .encoder, .languageModel: try AgainstModels.measure(kind, files)
      }
    return PreparedCase(printable(name), measure: measure)
  }
}
