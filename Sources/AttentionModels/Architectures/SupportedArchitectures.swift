import AttentionCore

extension ConfigurationReader {
  /// The error for a `model_type` that a task does not support, with the families of every task.
  func unsupportedArchitecture(_ type: String, for task: String) -> ModelError {
    let tasks = [
      (EncoderModels.task, EncoderModels.architectures),
      (LanguageModels.task, LanguageModels.decoderArchitectures),
      ("translation and summarization", LanguageModels.encoderDecoderArchitectures),
    ]
    return .unsupported(
      path: path, what: "architecture \(printable(type)) for \(task)",
      supported: [
        tasks.map { "\($0): \($1.joined(separator: ", "))" }.joined(separator: "; ")
      ])
  }
}
