import Attention

/// What a language model keeps of the sequences so far: the keys and values of their tokens, and of an
/// encoder–decoder those of the encoded prompts.
public struct DecodingState: Sendable {
  /// How many tokens each sequence has.
  public internal(set) var lengths: [Int]
  /// Keys and values of the text so far, one cache a block.
  var caches: [KeyValueCache]
  /// Keys and values of the encoded prompts, one cache a block; none of a decoder alone.
  var crossAttentionCaches: [KeyValueCache]
  /// The prompt that each sequence belongs to: sequences of one prompt have the same memory.
  private var prompts: [Int]

  /// A state of sequences without tokens.
  init(sequenceCount: Int, caches: [KeyValueCache] = [], crossAttentionCaches: [KeyValueCache] = [])
  {
    lengths = Array(repeating: 0, count: sequenceCount)
    prompts = Array(0..<sequenceCount)
    self.caches = caches
    self.crossAttentionCaches = crossAttentionCaches
  }

  /// How many sequences there are.
  public var sequenceCount: Int { lengths.count }

  /// How many bytes the keys and values take that the next token attends to.
  public var byteCount: Int { (caches + crossAttentionCaches).reduce(0) { $0 + $1.keptByteCount } }

  /// Keeps these sequences, in this order; one that is named more than once goes on as several.
  ///
  /// - Parameter sequences: indices below ``sequenceCount``, at least one.
  /// - Throws: `AttentionError.argument` naming "sequences" for one that is out of range;
  ///   `AttentionError.memory`. The state is then as it was.
  /// - Complexity: O(tokens of the sequences that have to move).
  public mutating func select(_ sequences: [Int]) throws {
    guard sequences != Array(0..<sequenceCount) else { return }
    let selections = try caches.indices.map { try caches[$0].selection(of: sequences) }
    let prompts = sequences.map { self.prompts[$0] }
    if prompts != self.prompts {
      crossAttentionCaches = try crossAttentionCaches.map { try $0.selecting(sequences) }
    }
    for (index, selection) in selections.enumerated() { try caches[index].select(selection) }
    self.prompts = prompts
    lengths = sequences.map { lengths[$0] }
  }

  /// Forgets the last tokens of each sequence, so that other tokens can follow what is left: a prompt that
  /// many texts begin with is read once.
  ///
  /// ```swift
  /// let read = state.lengths
  /// // … a text behind the prompt …
  /// try state.rewind(to: read)
  /// ```
  ///
  /// - Parameter lengths: how many tokens each sequence keeps.
  /// - Throws: `AttentionError.argument` naming "lengths" unless there is one a sequence, naming "length"
  ///   where a sequence has fewer tokens, or where a model that sees a window only no longer has that of
  ///   the token before. The state is then as it was.
  /// - Complexity: O(sequences · blocks); nothing moves.
  public mutating func rewind(to lengths: [Int]) throws {
    caches = try caches.map { cache in
      var cache = cache
      try cache.rewind(to: lengths)
      return cache
    }
    self.lengths = lengths
  }
}
