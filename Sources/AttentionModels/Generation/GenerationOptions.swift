/// How a language model's next tokens are chosen, and when a text ends.
///
/// The defaults, and the order in which the options act on the logits ℓ, are the same as in Hugging Face's
/// `transformers`. By default, 20 new tokens are decoded greedily.
///
/// ```swift
/// var options = generator.options  // includes the settings of the model's files
/// options.maxNewTokens = 100
/// options.isSampling = true
/// options.temperature = 0.7
/// options.seed = 1
/// ```
///
/// The length of a sequence includes the tokens before the first new one: the prompt of a decoder, the
/// start token of an encoder–decoder.
public struct GenerationOptions: Sendable, Hashable {
  // MARK: Length

  /// The maximum number of new tokens, at least 1; nil to apply ``maxLength``.
  public var maxNewTokens: Int?
  /// The maximum length of a sequence, if ``maxNewTokens`` is nil; nil for 20 new tokens.
  public var maxLength: Int?
  /// The minimum number of new tokens: ℓ = −∞ for every EOS token while a text has fewer.
  public var minNewTokens = 0
  /// The minimum length of a sequence: ℓ = −∞ for every EOS token while a sequence is shorter. With a value
  /// above the maximum length, EOS tokens never end the text.
  public var minLength = 0

  // MARK: Strategy

  /// Whether tokens are sampled: token i with probability softmax(ℓ / ``temperature``)ᵢ, among the tokens
  /// that ``topK``, ``topP`` and ``minP`` keep. If not, decoding is greedy: the most probable token is
  /// chosen. Hugging Face's `do_sample`.
  public var isSampling = false
  /// The number of beams. With more than 1, a beam search looks for the text with the largest score,
  /// Σ log p / (number of new tokens ^ ``lengthPenalty``). Hugging Face's `num_beams`.
  public var beamCount = 1
  /// The number of texts for each prompt: the best results of a beam search, at most ``beamCount``, or
  /// independent samples. Greedy decoding has one result. Hugging Face's `num_return_sequences`.
  public var resultCount = 1
  /// The seed of the random numbers; nil for a new seed in each call.
  ///
  /// The random numbers of a prompt's n-th text depend only on the seed and n, not on the other prompts.
  public var seed: UInt64?

  // MARK: Sampling

  /// The divisor of the logits before sampling, above 0: values below 1 make texts less random.
  public var temperature: Float = 1
  /// Sample from the `topK` most probable tokens (ties included); nil for no limit.
  public var topK: Int? = 50
  /// Nucleus sampling: sample from the most probable tokens whose total probability reaches this value, in
  /// 0...1; 1 for all tokens.
  public var topP: Float = 1
  /// Sample from the tokens whose probability is at least this fraction of the largest, in 0...1; 0 for
  /// all tokens.
  public var minP: Float = 0

  // MARK: Penalties

  /// ℓ / r where ℓ ≥ 0 and ℓ · r where ℓ < 0 for every token of the sequence; 1 for no penalty.
  public var repetitionPenalty: Float = 1
  /// ℓ − f · (occurrences of the token among the new tokens); 0 for no penalty. OpenAI's definition.
  public var frequencyPenalty: Float = 0
  /// ℓ − p for every token that occurs among the new tokens; 0 for no penalty. OpenAI's definition.
  public var presencePenalty: Float = 0
  /// The size n of the n-grams that must not occur twice in a sequence: ℓ = −∞ for a token that would
  /// complete a repetition; 0 for no limit. Hugging Face's `no_repeat_ngram_size`.
  public var noRepeatNGramSize = 0
  /// The size n of the prompt's n-grams that must not occur in a text; 0 for no limit. Hugging Face's
  /// `encoder_no_repeat_ngram_size`.
  public var promptNoRepeatNGramSize = 0

  // MARK: Restrictions

  /// Token sequences that must not occur in a text: ℓ = −∞ for the last token of a sequence if its other
  /// tokens precede it. A sequence of a single EOS token is ignored. Hugging Face's `bad_words_ids`.
  public var bannedSequences: [[Int]] = []
  /// ℓ = −∞ for each of these tokens.
  public var suppressedTokens: [Int] = []
  /// ℓ = −∞ for each of these tokens as the first new token, or as the second if the first is forced.
  public var beginSuppressedTokens: [Int] = []
  /// The second token of a sequence that begins with a single token, as with encoder–decoders: for example
  /// the language token of a multilingual model. Hugging Face's `forced_bos_token_id`.
  public var forcedFirstToken: Int?
  /// The last token that ``maxLength`` or ``maxNewTokens`` allows is one of these. Hugging Face's
  /// `forced_eos_token_id`.
  public var forcedLastTokens: [Int] = []

  // MARK: Beams

  /// The exponent of a text's length in its score: above 0 prefers longer texts, below 0 shorter ones.
  public var lengthPenalty: Float = 1
  /// When a beam search ends.
  public var earlyStopping = EarlyStopping.whenUnlikely

  /// When a beam search with ``GenerationOptions/beamCount`` finished texts ends. Hugging Face's
  /// `early_stopping`.
  public enum EarlyStopping: Sendable, Hashable {
    /// At once: `true`.
    case whenFull
    /// When the best running beam, ended now, would not be better than the worst finished text: `false`.
    case whenUnlikely
    /// When no running beam can become better than the worst finished text: `"never"`.
    case whenImpossible
  }

  /// Whether the log-probabilities of each step are normalized again, ℓ ← log softmax(ℓ), after all other
  /// options have changed them. Affects only beam searches. Hugging Face's `renormalize_logits`.
  public var renormalizesLogits = false

  // MARK: End of text

  /// The tokens that end a text; nil for the `eosTokens` of the generator, or none without a generator.
  /// Tokens outside the vocabulary have no effect.
  public var eosTokens: [Int]?
  /// Strings that end a text, which is cut before them.
  public var stopStrings: [String] = []

  // MARK: Prompts

  /// Whether the tokenizer adds its special tokens, such as `<s>`, to a prompt. Set it to false for
  /// prompts that contain them already. Hugging Face's `add_special_tokens`.
  public var addsSpecialTokens = true

  // MARK: Special tokens

  /// The first token of a prompt without tokens; nil for the `bosToken` of the generator.
  public var bosToken: Int?
  /// The token before the first new one of an encoder–decoder's texts; nil for the model's. Hugging Face's
  /// `decoder_start_token_id`.
  public var startToken: Int?
  /// The padding token in the model's files. Unused: batches have no padding.
  public var padToken: Int?

  // MARK: Results

  /// The number of most probable alternatives to return for each new token. The token and its alternatives
  /// have log-probabilities. 0: only the token's log-probability. nil: no log-probabilities.
  public var logProbabilities: Int?

  /// The settings of a model's files that are wrong or not implemented, by key.
  var refusals: [String: Refusal] = [:]

  /// The defaults.
  public init() {}
}

extension GenerationOptions {
  /// ``eosTokens``, or an empty array.
  var allEOSTokens: [Int] { eosTokens ?? [] }

  /// These options, with the `eosTokens`, `bosToken` and `startToken` of `others` in place of nil.
  func completed(by others: GenerationOptions) -> GenerationOptions {
    var options = self
    options.eosTokens = eosTokens ?? others.eosTokens
    options.bosToken = bosToken ?? others.bosToken
    options.startToken = startToken ?? others.startToken
    return options
  }

  /// The number of new tokens if no option limits it.
  static let defaultNewTokens = 20

  /// The largest length of a sequence.
  ///
  /// - Parameters:
  ///   - start: the number of tokens before the first new one.
  ///   - limit: the largest length that the model allows.
  func longest(from start: Int, limit: Int?) -> Int {
    let longest =
      if let maxNewTokens {
        start + maxNewTokens
      } else {
        maxLength ?? start + Self.defaultNewTokens
      }
    return min(longest, limit ?? longest)
  }

  /// The maximum length of a decoder's prompt, and the length to which a longer prompt is cut; nil for no
  /// limit.
  ///
  /// - Parameter limit: the largest length that the model allows.
  func promptLength(limit: Int?) -> (most: Int, cut: Int)? {
    let limits = [limit, maxNewTokens == nil ? maxLength : nil].compactMap { $0 }
    guard let longest = limits.min() else { return nil }
    // Leave room for the new tokens, but at most half of the length.
    let room = min(maxNewTokens ?? Self.defaultNewTokens, longest / 2)
    return (longest - 1, max(1, longest - room))
  }
}
