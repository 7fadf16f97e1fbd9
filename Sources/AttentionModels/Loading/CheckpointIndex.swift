import Attention

/// The index of a checkpoint in several files: `{"weight_map": {tensor name: file name}}`.
struct CheckpointIndex {
  /// The files that the index lists, each once, in the order of the first occurrence.
  let shardNames: [String]
  /// Each tensor with the index of its file in `shardNames`.
  let places: [(name: String, file: Int)]

  /// Reads the index at `path`. `ModelDirectory` checks the file names later.
  ///
  /// - Throws: `ModelError.weights` with the path and what is wrong.
  init(path: String) throws {
    func failure(_ reason: String) -> ModelError { .weights(path: path, reason: reason) }
    let bytes = try weightsErrors {
      try InputFile.contents(ofFile: path, kind: .safetensorsIndex)
    }
    let limit = SafetensorsHeader.tensorLimit
    guard JSONSize(bytes).isWithin(objectLimit: limit, valueLimit: 2 * limit) else {
      throw failure("too many tensors or values in the index (at most \(limit) tensors)")
    }
    let index: JSON
    do {
      index = try JSON.parse(bytes, nestingLimit: 32)
    } catch let error as JSONError {
      throw failure("\(error)")
    }
    guard let object = index.object else { throw failure("expected object, got \(index.kind)") }
    guard let map = object["weight_map"] else { throw failure("missing key weight_map") }
    guard let members = map.object?.members else {
      throw failure("weight_map: expected object, got \(map.kind)")
    }
    var shardNames: [String] = []
    var numbers: [[UInt8]: Int] = [:]
    places = try members.map { member in
      guard let name = member.value.string else {
        throw failure(
          "weight_map, '\(printable(member.key))': expected string, got \(member.value.kind)")
      }
      let number = numbers[Array(name.utf8)] ?? shardNames.count
      if number == shardNames.count {
        shardNames.append(name)
        numbers[Array(name.utf8)] = number
      }
      return (member.key, number)
    }
    self.shardNames = shardNames
  }
}
