import Attention

/// A model that computes the logits of the next token of a text.
///
/// Decoders (GPT-2, Llama) and encoder–decoders (T5, BART) have the same interface. For a decoder, the text
/// begins with the prompt; an encoder–decoder encodes the prompt once, and the text begins with its start
/// token:
///
/// ```swift
/// var (state, tokens) = try model.begin(prompts)
/// let logits = try model.logits(of: tokens, state: &state, rows: .last)
/// ```
public protocol LanguageModel: Sendable {
  /// The number of token ids, which is the number of logits.
  var vocabularySize: Int { get }

  /// The number of token ids of prompts. Default: ``vocabularySize``.
  var promptVocabularySize: Int { get }

  /// The maximum length of a sequence in ``logits(of:state:rows:)``; nil for no limit.
  var maxLength: Int? { get }

  /// The maximum length of a prompt; nil for no limit. Default: ``maxLength``.
  var maxPromptLength: Int? { get }

  /// Whether the model is an encoder–decoder. Default: false.
  var isEncoderDecoder: Bool { get }

  /// Begins a sequence for each prompt.
  ///
  /// - Parameter prompts: at least one token each.
  /// - Returns: the state before the first token, and the first tokens of each sequence: a decoder returns
  ///   the prompts; an encoder–decoder encodes the prompts and returns its start token for each.
  /// - Throws: `AttentionError.argument` for an id outside the vocabulary; `ModelError.text` with the index
  ///   of a prompt that is empty or too long.
  func begin(_ prompts: PackedTokens) throws -> (state: DecodingState, tokens: PackedTokens)

  /// Appends tokens to the sequences and computes the logits of the tokens that follow.
  ///
  /// - Parameters:
  ///   - tokens: the next tokens of each sequence of the state; a sequence may have none.
  ///   - state: the tokens so far; unchanged if an error is thrown.
  ///   - rows: the positions at which to compute logits.
  /// - Returns: the logits, `[row, vocabulary size]`.
  /// - Throws: `AttentionError.argument` for an id outside the vocabulary, or lengths that do not match the
  ///   state; `ModelError.text` for a sequence that becomes too long.
  func logits(
    of tokens: PackedTokens, state: inout DecodingState, rows: LogitRows
  ) throws -> Tensor
}

extension LanguageModel {
  /// ``vocabularySize``, as for a model with one vocabulary.
  public var promptVocabularySize: Int { vocabularySize }
  /// ``maxLength``, as for a decoder.
  public var maxPromptLength: Int? { maxLength }
  /// False, as for a decoder.
  public var isEncoderDecoder: Bool { false }
}

/// The positions at which logits are computed.
public enum LogitRows: Sendable, Hashable {
  /// The last new token of each sequence, for generation.
  case last
  /// All new tokens, for scoring a text.
  case all
}
