import Attention

/// Converts `AttentionError.file` to `ModelError.weights`; other errors stay as they are.
func weightsErrors<Result>(_ body: () throws -> Result) throws -> Result {
  do {
    return try body()
  } catch AttentionError.file(let path, let reason) {
    throw ModelError.weights(path: path, reason: reason)
  }
}
