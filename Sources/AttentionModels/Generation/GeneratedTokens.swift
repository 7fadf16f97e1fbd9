/// The tokens that a model has added to a prompt.
public struct GeneratedTokens: Sendable, Hashable {
  /// The new tokens, including an EOS token at the end.
  public var tokens: [GeneratedToken]
  /// Why there are no more tokens.
  public var finishReason: FinishReason
  /// The score of a beam search, Σ log p / (number of new tokens ^ length penalty), with log-probabilities
  /// that include the effect of the options; nil without beams.
  public var score: Float?

  /// The ids of the new tokens.
  public var ids: [Int] { tokens.map(\.id) }
}

/// A new token of a text.
public struct GeneratedToken: Sendable, Hashable {
  /// The token id.
  public var id: Int
  /// log softmax(ℓ)ᵢ of the model's logits, before any option changes them; nil if
  /// ``GenerationOptions/logProbabilities`` is nil.
  public var logProbability: Float?
  /// The ``GenerationOptions/logProbabilities`` most probable tokens at this position, the most
  /// probable first.
  public var alternatives: [Alternative] = []

  /// A token that could have been chosen.
  public struct Alternative: Sendable, Hashable {
    /// The token id.
    public var id: Int
    /// log softmax(ℓ)ᵢ of the model's logits.
    public var logProbability: Float
  }
}

/// Why a text ends.
public enum FinishReason: Sendable, Hashable {
  /// The model has generated an EOS token: its id.
  case eosToken(Int)
  /// The text contains a stop string.
  case stopString(String)
  /// The text has the maximum length that the options or the model allow.
  case length
}

extension FinishReason: CustomStringConvertible {
  /// "stop" for an EOS token or a stop string, else "length", as in OpenAI's API.
  public var description: String { self == .length ? "length" : "stop" }
}

/// The durations of the two phases of generating a text.
public struct GenerationTimings: Sendable, Hashable {
  /// Seconds to the first new token: encoding and reading the prompt.
  public var prefill: Double = 0
  /// Seconds from the first new token to the last.
  public var decode: Double = 0

  /// Zero seconds.
  public init() {}
}
