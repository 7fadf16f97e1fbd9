import Foundation
import TestSupport

/// A BERT that is small enough for a test to write: 2 layers, 2 heads, hidden size 8, 16 positions.
enum TinyModel {
  static let tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + words
  private static let words = [
    "the", "cat", "sat", "on", "mat", ".", ",", "-", "it", "un", "##believ", "##able", "猫", "x",
  ]
  static let hiddenSize = 8
  static let layerCount = 2
  static let headCount = 2
  static let maxLength = 16

  /// Writes the model's files into `directory`.
  ///
  /// - Returns: the folder's path.
  @discardableResult
  static func write(to directory: TemporaryDirectory, leavingOut: Set<String> = []) throws -> String
  {
    let files: [String: [UInt8]] = [
      "config.json": Array(configuration.utf8),
      "vocab.txt": Array(tokens.map { "\($0)\n" }.joined().utf8),
      "model.safetensors": weights(),
    ]
    for (name, bytes) in files where !leavingOut.contains(name) {
      try directory.write(bytes, to: "model/\(name)")
    }
    return directory.path("model")
  }

  private static let configuration = """
    {"model_type": "bert", "vocab_size": \(tokens.count), "hidden_size": \(hiddenSize),
     "num_hidden_layers": \(layerCount), "num_attention_heads": \(headCount),
     "intermediate_size": 16, "max_position_embeddings": \(maxLength), "type_vocab_size": 2}
    """

  private static func weights() -> [UInt8] {
    var shapes: [(name: String, shape: [Int])] = [
      ("embeddings.word_embeddings.weight", [tokens.count, hiddenSize]),
      ("embeddings.position_embeddings.weight", [maxLength, hiddenSize]),
      ("embeddings.token_type_embeddings.weight", [2, hiddenSize]),
    ]
    func add(_ name: String, _ shape: [Int]) {
      shapes.append((name + ".weight", shape))
      shapes.append((name + ".bias", [shape[0]]))
    }
    add("embeddings.LayerNorm", [hiddenSize])
    for layer in 0..<layerCount {
      let prefix = "encoder.layer.\(layer)."
      for part in ["query", "key", "value"] {
        add(prefix + "attention.self.\(part)", [hiddenSize, hiddenSize])
      }
      add(prefix + "attention.output.dense", [hiddenSize, hiddenSize])
      add(prefix + "attention.output.LayerNorm", [hiddenSize])
      add(prefix + "intermediate.dense", [16, hiddenSize])
      add(prefix + "output.dense", [hiddenSize, 16])
      add(prefix + "output.LayerNorm", [hiddenSize])
    }
    return randomCheckpoint(shapes, seed: 7) { $0.hasSuffix("LayerNorm.weight") }
  }
}

/// The model that `Scripts/fetch-model` downloads.
enum FetchedModel {
  static let name = "all-MiniLM-L6-v2"

  static let isThere: Bool = {
    let environment = ProcessInfo.processInfo.environment
    let cache = environment["XDG_CACHE_HOME"].flatMap { $0.isEmpty ? nil : $0 }
    let folder = cache ?? "\(environment["HOME"] ?? "")/.cache"
    return FileManager.default.fileExists(
      atPath: "\(folder)/swift-attention/\(name)/model.safetensors")
  }()
}
