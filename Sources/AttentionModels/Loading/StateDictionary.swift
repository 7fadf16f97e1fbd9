import Attention

/// The named tensors in safetensors files, as `state_dict()` of a PyTorch module gives them: names, shapes
/// and element types at once, each tensor when it is asked for.
///
/// ```swift
/// let weights = try StateDictionary(contentsOf: "model.safetensors")
/// for name in weights.names {
///   print(name, try weights.shape(of: name), try weights.elementType(of: name))
/// }
/// let matrix = try weights.tensor("encoder.layers.0.linear1.weight")
/// ```
///
/// Opening reads the header alone and checks all of it, so a damaged or hostile file is refused before any
/// memory for its tensors is allocated. A tensor's bytes are read from the file each time it is asked for.
///
/// - Source: the format, https://github.com/huggingface/safetensors
public struct StateDictionary: Sendable {
  /// The names of the tensors, in the order of the file or the index.
  public var names: [String] { checkpoint.names }
  /// What the writer noted, such as `format`: `pt`.
  public var metadata: [String: String] { checkpoint.metadata }

  private let checkpoint: Checkpoint

  /// Opens a safetensors file, an index of shards such as `model.safetensors.index.json`, or a model's folder
  /// that holds `model.safetensors` or this index.
  ///
  /// - Parameter path: the path of the file or folder.
  /// - Throws: ``ModelError/weights(path:reason:)`` with the file and what is wrong in it: "truncated",
  ///   "overlap", "size mismatch", "missing tensor" and so on; ``ModelError/notFound(model:reason:)`` for a
  ///   folder without weights; `AttentionError.file` for a shard outside the folder.
  public init(contentsOf path: String) throws {
    checkpoint = try Checkpoint(path: path)
  }

  /// Opens the weights in a model's folder.
  ///
  /// - Throws: as ``init(contentsOf:)``.
  public init(_ directory: ModelDirectory) throws {
    checkpoint = try Checkpoint(directory)
  }

  /// Whether there is a tensor of that name.
  public func contains(_ name: String) -> Bool { checkpoint.contains(name) }

  /// The shape of a tensor.
  ///
  /// - Throws: ``ModelError/weights(path:reason:)``: "missing tensor".
  public func shape(of name: String) throws -> Shape { try checkpoint.shape(of: name) }

  /// How the elements of a tensor are stored in the file.
  ///
  /// - Throws: ``ModelError/weights(path:reason:)``: "missing tensor".
  public func elementType(of name: String) throws -> SafetensorsType {
    try checkpoint.elementType(of: name)
  }

  /// Reads a tensor as Float32.
  ///
  /// F32, F16 and BF16 are exact; F64 and integers are rounded to nearest; of BOOL, true is 1. Numbers that
  /// are NaN or infinite stay as they are.
  ///
  /// - Throws: ``ModelError/weights(path:reason:)`` for "missing tensor", an element type that is none of
  ///   these, or a "short read" of a file that has become shorter; `AttentionError.memory`.
  /// - Complexity: O(elements); nothing is kept.
  public func tensor(_ name: String) throws -> Tensor { try checkpoint.anyTensor(name) }

  /// Reads the tensors whose names begin with `prefix`, by their whole names.
  ///
  /// - Throws: as ``tensor(_:)``.
  public func tensors(withPrefix prefix: String = "") throws -> [String: Tensor] {
    var tensors: [String: Tensor] = [:]
    for name in names where name.utf8.starts(with: prefix.utf8) {
      tensors[name] = try tensor(name)
    }
    return tensors
  }

  /// The file that holds the first tensor under `prefix`, for error messages.
  func path(ofPrefix prefix: String) -> String? {
    let name = names.first { $0.utf8.starts(with: prefix.utf8) } ?? names.first
    return name.flatMap { try? checkpoint.path(of: $0) }
  }
}
