import Attention

/// The named tensors in safetensors files, as in the `state_dict()` of a PyTorch module. Names, shapes and
/// element types are read when the files are opened; a tensor is read when it is requested.
///
/// ```swift
/// let weights = try StateDictionary(contentsOf: "model.safetensors")
/// for name in weights.names {
///   print(name, try weights.shape(of: name), try weights.elementType(of: name))
/// }
/// let matrix = try weights.tensor("encoder.layers.0.linear1.weight")
/// ```
///
/// Opening reads and checks only the header, so a damaged or malicious file is an error before memory for
/// its tensors is allocated. Each request reads the bytes of the tensor from the file.
///
/// - Source: the format, https://github.com/huggingface/safetensors
public struct StateDictionary: Sendable {
  /// The names of the tensors, in the order of the file or the index.
  public var names: [String] { checkpoint.names }
  /// The metadata of the file, such as `format`: `pt`.
  public var metadata: [String: String] { checkpoint.metadata }

  private let checkpoint: Checkpoint

  /// Opens a safetensors file, an index of shards such as `model.safetensors.index.json`, or a model's folder
  /// with `model.safetensors` or such an index.
  ///
  /// - Parameter path: the path of the file or folder.
  /// - Throws: ``ModelError/weights(path:reason:)`` with the file and what is wrong in it: "truncated",
  ///   "overlap", "size mismatch", "missing tensor" and so on; ``ModelError/notFound(model:reason:)`` for a
  ///   folder without weights; `AttentionError.file` for a shard outside the folder.
  public init(contentsOf path: String) throws {
    checkpoint = try Checkpoint(path: path)
  }

  /// Opens the weights in the folder of a model.
  ///
  /// - Throws: as ``init(contentsOf:)``.
  public init(_ directory: ModelDirectory) throws {
    checkpoint = try Checkpoint(directory)
  }

  /// Whether the files have a tensor of that name.
  public func contains(_ name: String) -> Bool { checkpoint.contains(name) }

  /// The shape of a tensor.
  ///
  /// - Throws: ``ModelError/weights(path:reason:)``: "missing tensor".
  public func shape(of name: String) throws -> Shape { try checkpoint.shape(of: name) }

  /// The element type of a tensor in the file.
  ///
  /// - Throws: ``ModelError/weights(path:reason:)``: "missing tensor".
  public func elementType(of name: String) throws -> SafetensorsType {
    try checkpoint.elementType(of: name)
  }

  /// Reads a tensor as Float32.
  ///
  /// F32, F16 and BF16 are exact; F64 and integers are rounded to nearest; true is 1. NaN and infinity are
  /// accepted.
  ///
  /// - Throws: ``ModelError/weights(path:reason:)`` for "missing tensor", another element type, or a
  ///   "short read" of a file that was truncated; `AttentionError.memory`.
  /// - Complexity: O(elements) for each call; tensors are not cached.
  public func tensor(_ name: String) throws -> Tensor { try checkpoint.anyTensor(name) }

  /// Reads the tensors whose names begin with `prefix`. The keys are the whole names.
  ///
  /// - Throws: as ``tensor(_:)``.
  public func tensors(withPrefix prefix: String = "") throws -> [String: Tensor] {
    var tensors: [String: Tensor] = [:]
    for name in names where name.utf8.starts(with: prefix.utf8) {
      tensors[name] = try tensor(name)
    }
    return tensors
  }

  /// The file with the first tensor whose name begins with `prefix`, for error messages.
  func path(ofPrefix prefix: String) -> String? {
    let name = names.first { $0.utf8.starts(with: prefix.utf8) } ?? names.first
    return name.flatMap { try? checkpoint.path(of: $0) }
  }
}
