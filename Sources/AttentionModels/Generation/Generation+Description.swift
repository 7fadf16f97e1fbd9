import Attention

// One-line descriptions of options and results.

extension GenerationOptions: CustomStringConvertible {
  /// The options that differ from the defaults, such as `GenerationOptions(maxNewTokens: 10)`.
  public var description: String {
    DescriptionText.properties("GenerationOptions", of: self, except: GenerationOptions())
  }
}

extension DecodingState: CustomStringConvertible {
  /// The lengths so far, such as `DecodingState(lengths [5, 3], 12 caches)`.
  public var description: String {
    "DecodingState(lengths \(DescriptionText.list(lengths)), \(counted(caches.count, "cache")))"
  }
}

extension GeneratedTokens: CustomStringConvertible {
  /// The ids and the finish reason, such as `GeneratedTokens([5, 8, 2], stop)`.
  public var description: String {
    DescriptionText.parts(
      "GeneratedTokens", DescriptionText.list(tokens.lazy.map(\.id)), "\(finishReason)",
      score.map { "score \(DescriptionText.number($0))" })
  }
}

extension GeneratedToken: CustomStringConvertible {
  /// The id and the log-probability, such as `GeneratedToken(5, log-probability -0.25)`.
  public var description: String {
    DescriptionText.parts(
      "GeneratedToken", "\(id)",
      logProbability.map { "log-probability \(DescriptionText.number($0))" },
      alternatives.isEmpty ? nil : counted(alternatives.count, "alternative"))
  }
}

extension GeneratedToken.Alternative: CustomStringConvertible {
  /// The id and the log-probability, such as `Alternative(5, log-probability -0.25)`.
  public var description: String {
    "Alternative(\(id), log-probability \(DescriptionText.number(logProbability)))"
  }
}

extension GenerationTimings: CustomStringConvertible {
  /// The seconds of both parts, such as `GenerationTimings(prefill 0.01 s, decode 0.2 s)`.
  public var description: String {
    "GenerationTimings(prefill \(DescriptionText.number(prefill)) s, "
      + "decode \(DescriptionText.number(decode)) s)"
  }
}
