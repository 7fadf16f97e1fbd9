import Attention

/// A model that says, for each token of a text, how likely every token is to come next.
///
/// Decoders alone (GPT-2, Llama) and encoder–decoders (T5, BART) look the same from here. The one reads
/// a prompt as the beginning of the text; the other encodes it once, and its text begins with a token
/// of its own:
///
/// ```swift
/// var (state, tokens) = try model.begin(prompts)
/// let logits = try model.logits(of: tokens, state: &state, rows: .last)
/// ```
public protocol LanguageModel: Sendable {
  /// The number of token ids, and so of logits.
  var vocabularySize: Int { get }

  /// The most tokens that a sequence of ``logits(of:state:rows:)`` can have; nil for no limit.
  var maxLength: Int? { get }

  /// The most tokens that a prompt can have; nil for no limit. Unless said otherwise the same.
  var maxPromptLength: Int? { get }

  /// Whether prompts are encoded, and the text begins behind a token of its own; if not, it begins with the
  /// prompt. Unless said otherwise it does.
  var isEncoderDecoder: Bool { get }

  /// What sequences need before their first token, and the tokens to begin with: of a decoder alone the
  /// prompts, of an encoder–decoder its start token for each, the prompts having been encoded.
  ///
  /// - Parameter prompts: at least one token each.
  /// - Throws: `AttentionError.argument` for an id that the model does not have, `ModelError.text`
  ///   for a prompt that is empty or too long.
  func begin(_ prompts: PackedTokens) throws -> (state: DecodingState, tokens: PackedTokens)

  /// The logits of the token that follows, [row, id]; the tokens become part of the state.
  ///
  /// - Parameters:
  ///   - tokens: the next tokens of each sequence of the state, of some perhaps none.
  ///   - state: what came before; as it was if an error is thrown.
  ///   - rows: for which of the tokens to compute logits.
  /// - Returns: softmax's argument for the token that follows each of these tokens, `[row,
  ///   vocabulary size]`.
  /// - Throws: `AttentionError.argument` for an id that the model does not have or lengths that do not
  ///   fit, `ModelError.text` for a sequence that becomes too long.
  func logits(
    of tokens: PackedTokens, state: inout DecodingState, rows: LogitRows
  ) throws -> Tensor
}

extension LanguageModel {
  /// ``maxLength``: right for a decoder alone.
  public var maxPromptLength: Int? { maxLength }
  /// False: right for a decoder alone.
  public var isEncoderDecoder: Bool { false }
}

/// For which tokens logits are computed.
public enum LogitRows: Sendable, Hashable {
  /// The last of each sequence that has any: what generation needs.
  case last
  /// All: what scoring a text needs.
  case all
}
