import AttentionModels

/// A safetensors file with the given header and data.
func safetensors(_ header: [UInt8], data: [UInt8] = []) -> [UInt8] {
  let count = UInt64(header.count)
  return (0..<8).map { UInt8(truncatingIfNeeded: count >> ($0 * 8)) } + header + data
}

/// A safetensors file with the given header and data.
func safetensors(_ header: String, data: [UInt8] = []) -> [UInt8] {
  safetensors(Array(header.utf8), data: data)
}

extension Checkpoint {
  /// The checkpoint in the folder at `path`.
  init(directory path: String) throws {
    try self.init(ModelDirectory(path: path))
  }
}
