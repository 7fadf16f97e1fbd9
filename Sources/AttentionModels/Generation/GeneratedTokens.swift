/// What a model has added to a prompt, as tokens.
public struct GeneratedTokens: Sendable, Hashable {
  /// The new tokens, with the stop token that ended them.
  public var tokens: [GeneratedToken]
  /// Why there are no more.
  public var finishReason: FinishReason
  /// Of a beam search, Σ log p / (number of new tokens ^ length penalty), log p being what the options
  /// make of the model's log-probabilities.
  public var score: Float?

  /// The new tokens' ids.
  public var ids: [Int] { tokens.map(\.id) }
}

/// One token that a model has chosen.
public struct GeneratedToken: Sendable, Hashable {
  /// Its number in the vocabulary.
  public var id: Int
  /// log softmax(ℓ)ᵢ of the model's own logits, before any option has changed them; nil unless
  /// ``GenerationOptions/logProbabilities`` asks for it.
  public var logProbability: Float?
  /// The likeliest tokens in this place, the likeliest first, as many as
  /// ``GenerationOptions/logProbabilities`` says.
  public var alternatives: [Alternative] = []

  /// A token that could have been chosen.
  public struct Alternative: Sendable, Hashable {
    /// Its number in the vocabulary.
    public var id: Int
    /// log softmax(ℓ)ᵢ of the model's own logits.
    public var logProbability: Float
  }
}

/// Why a text ends.
public enum FinishReason: Sendable, Hashable {
  /// The model has chosen a stop token: its id.
  case eosToken(Int)
  /// The text has come to a stop string.
  case stopString(String)
  /// The text has as many tokens as the options or the model allow.
  case length
}

extension FinishReason: CustomStringConvertible {
  /// "stop" for a token or string that ends a text, else "length": as in OpenAI's interface.
  public var description: String { self == .length ? "length" : "stop" }
}

/// How long parts of a generation took.
public struct GenerationTimings: Sendable, Hashable {
  /// Seconds from the prompts to the first new token: encoding and prompt processing.
  public var prefill: Double = 0
  /// Seconds for all further tokens.
  public var decode: Double = 0

  /// No time at all.
  public init() {}
}
