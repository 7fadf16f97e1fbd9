/// How a language model's next tokens are chosen, and when a text ends.
///
/// With what is not set otherwise a text is continued greedily by 20 tokens: the defaults are those
/// of Hugging Face's `transformers`, and so is the order in which the options act on the logits ℓ.
///
/// ```swift
/// var options = generator.options  // with what the model's files say
/// options.maxNewTokens = 100
/// options.isSampling = true
/// options.temperature = 0.7
/// options.seed = 1
/// ```
///
/// A sequence is counted with what stands before the first new token: of a decoder alone the prompt, of
/// an encoder–decoder its start token.
public struct GenerationOptions: Sendable, Hashable {
  // MARK: Length

  /// The most tokens that are added, at least 1; nil: as many as ``maxLength`` says.
  public var maxNewTokens: Int?
  /// The most tokens that a sequence may have, where ``maxNewTokens`` says nothing; nil for 20
  /// new ones.
  public var maxLength: Int?
  /// How many tokens are added at least: before, ℓ = −∞ for every stop token.
  public var minNewTokens = 0
  /// How many tokens a sequence has at least: before, ℓ = −∞ for every stop token. Where there may not be
  /// as many, none stops it.
  public var minLength = 0

  // MARK: Strategy

  /// Whether tokens are drawn at random, token i with probability softmax(ℓ / ``temperature``)ᵢ among
  /// those that ``topK``, ``topP`` and ``minP`` leave; if not, the likeliest is taken.
  public var isSampling = false
  /// How many texts are pursued at once: 1 for none but the one that is written, more for a beam
  /// search for the text with the largest score, Σ log p / (number of new tokens ^ ``lengthPenalty``).
  public var beamCount = 1
  /// How many texts are returned for each prompt: of a beam search at most ``beamCount``, the best
  /// first; without it more than 1 only where tokens are drawn.
  public var resultCount = 1
  /// What the random numbers begin with; nil for others each time.
  ///
  /// The n-th text of a prompt is drawn from numbers of its own, which depend on the seed and n alone:
  /// not on what other prompts there are.
  public var seed: UInt64?

  // MARK: Drawing

  /// What logits are divided by before tokens are drawn, above 0: less than 1 sharpens.
  public var temperature: Float = 1
  /// As many tokens as remain to be drawn from, the likeliest, with those that are equally likely as
  /// the last of them; nil for all.
  public var topK: Int? = 50
  /// The likeliest tokens remain until their probabilities reach this sum, in 0...1; 1 for all.
  public var topP: Float = 1
  /// Tokens remain that are at least this part as likely as the likeliest, in 0...1; 0 for all.
  public var minP: Float = 0

  // MARK: Penalties

  /// ℓ / r where ℓ ≥ 0 and ℓ · r where ℓ < 0 for every token that the sequence has; 1 for none.
  public var repetitionPenalty: Float = 1
  /// ℓ − f · (how often the token is among the new ones); 0 for none. OpenAI's definition.
  public var frequencyPenalty: Float = 0
  /// ℓ − p for every token that is among the new ones; 0 for none. OpenAI's definition.
  public var presencePenalty: Float = 0
  /// ℓ = −∞ for a token that would end the second occurrence of as many tokens in the sequence; 0 for
  /// none.
  public var noRepeatNGramSize = 0
  /// ℓ = −∞ for a token that would end as many tokens which stand in the prompt; 0 for none.
  public var promptNoRepeatNGramSize = 0

  // MARK: Restrictions

  /// Tokens that never follow one another: ℓ = −∞ for the last of each sequence after the others. A
  /// sequence that is one stop token alone does not count.
  public var bannedSequences: [[Int]] = []
  /// ℓ = −∞ for each of these tokens.
  public var suppressedTokens: [Int] = []
  /// ℓ = −∞ for each of these tokens as the first new one, or the second after a forced one.
  public var beginSuppressedTokens: [Int] = []
  /// The token that follows a first one which stands alone, as an encoder–decoder's start token does:
  /// the language, of a model for many.
  public var forcedFirstToken: Int?
  /// The tokens of which one must be the last that ``maxLength`` or ``maxNewTokens`` allows.
  public var forcedLastTokens: [Int] = []

  // MARK: Beams

  /// The power of a text's length that its score is divided by: above 0 for longer texts, below 0 for
  /// shorter ones.
  public var lengthPenalty: Float = 1
  /// When a beam search has found enough.
  public var earlyStopping = EarlyStopping.whenUnlikely

  /// When a beam search ends that has found ``GenerationOptions/beamCount`` texts.
  public enum EarlyStopping: Sendable, Hashable {
    /// As soon as it has.
    case whenFull
    /// When the best unfinished text, ended now, would not be better than the worst found.
    case whenUnlikely
    /// When no unfinished text can become better than the worst found.
    case whenImpossible
  }

  /// Whether the log-probabilities of each step are normalised again, ℓ ← log softmax(ℓ), after all other
  /// options have changed them. Changes the scores of beams, and nothing without beams. Hugging Face's
  /// `renormalize_logits`.
  public var renormalizesLogits = false

  // MARK: Ends

  /// The tokens that end a text; nil: those of the generator's own options, and without a generator none.
  /// A token that the model does not have never comes.
  public var eosTokens: [Int]?
  /// A text ends where one of these is complete, and is cut before it.
  public var stopStrings: [String] = []

  // MARK: Prompts

  /// Whether the tokenizer adds its special tokens, such as `<s>`, to a prompt. Set it to false for
  /// prompts that contain them already. Hugging Face's `add_special_tokens`.
  public var addsSpecialTokens = true

  // MARK: Tokens with a meaning

  /// What a prompt without tokens begins with; nil: what the generator's own options say.
  public var bosToken: Int?
  /// What fills up shorter sequences where a caller wants them all of one length; not used here.
  public var padToken: Int?

  // MARK: Results

  /// nil for no log-probabilities; else that of each new token and as many of the likeliest
  /// alternatives as this says, perhaps none.
  public var logProbabilities: Int?

  /// The settings of a model's files that are wrong or not implemented, by key.
  var refusals: [String: Refusal] = [:]

  /// The defaults.
  public init() {}
}

extension GenerationOptions {
  /// ``eosTokens``, none being said as none.
  var allEOSTokens: [Int] { eosTokens ?? [] }

  /// These, and of the model's tokens those that they do not name.
  func completed(by others: GenerationOptions) -> GenerationOptions {
    var options = self
    options.eosTokens = eosTokens ?? others.eosTokens
    options.bosToken = bosToken ?? others.bosToken
    return options
  }

  /// How many tokens are added where nothing is said.
  static let defaultNewTokens = 20

  /// The most tokens that a sequence may have.
  ///
  /// - Parameters:
  ///   - start: how many tokens it begins with.
  ///   - limit: the most tokens that the model allows.
  func longest(from start: Int, limit: Int?) -> Int {
    let longest =
      if let maxNewTokens {
        start + maxNewTokens
      } else {
        maxLength ?? start + Self.defaultNewTokens
      }
    return min(longest, limit ?? longest)
  }

  /// The most tokens of a prompt that a text begins with, and to how many a longer one is cut; nil where
  /// there is no limit.
  ///
  /// - Parameter limit: the most tokens that the model allows.
  func promptLength(limit: Int?) -> (most: Int, cut: Int)? {
    let limits = [limit, maxNewTokens == nil ? maxLength : nil].compactMap { $0 }
    guard let longest = limits.min() else { return nil }
    // Room for what is to be added, but no more than half.
    let room = min(maxNewTokens ?? Self.defaultNewTokens, longest / 2)
    return (longest - 1, max(1, longest - room))
  }
}
