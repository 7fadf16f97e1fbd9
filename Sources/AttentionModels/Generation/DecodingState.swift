import Attention

/// The state of a language model between steps: the keys and values of the tokens of each sequence so far
/// and, for an encoder–decoder, the keys and values of the encoded prompts.
public struct DecodingState: Sendable {
  /// The number of tokens of each sequence.
  public internal(set) var lengths: [Int]
  /// Keys and values of the tokens, one cache per block.
  var caches: [KeyValueCache]
  /// Keys and values of the encoded prompts, one cache per block; none for a decoder.
  var crossAttentionCaches: [KeyValueCache]
  /// The prompt of each sequence. Sequences of one prompt have the same encoder output.
  private var prompts: [Int]
  /// The tokens of each sequence, if the model may have to compute them again; nil if it never does.
  var history: TokenHistories?

  /// A state of sequences without tokens.
  init(sequenceCount: Int, caches: [KeyValueCache] = [], crossAttentionCaches: [KeyValueCache] = [])
  {
    lengths = Array(repeating: 0, count: sequenceCount)
    prompts = Array(0..<sequenceCount)
    self.caches = caches
    self.crossAttentionCaches = crossAttentionCaches
  }

  /// The number of sequences.
  public var sequenceCount: Int { lengths.count }

  /// The size in bytes of the keys and values that the next token attends to.
  public var byteCount: Int { (caches + crossAttentionCaches).reduce(0) { $0 + $1.keptByteCount } }

  /// Keeps these sequences, in this order. An index that occurs several times duplicates its sequence.
  ///
  /// - Parameter sequences: indices below ``sequenceCount``, at least one.
  /// - Throws: `AttentionError.argument` naming "sequences" for an index that is out of range;
  ///   `AttentionError.memory`. The state is then unchanged.
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
    history?.select(sequences)
    lengths = sequences.map { lengths[$0] }
  }

  /// Adds the sequences of another state of the same model after these.
  ///
  /// - Throws: `AttentionError.argument` for a state of another model; `AttentionError.memory`. The state is
  ///   then unchanged.
  /// - Complexity: O(tokens of both states), or O(sequences) if the other state has no tokens yet.
  package mutating func append(_ other: DecodingState) throws {
    guard sequenceCount > 0 else {
      self = other
      return
    }
    guard other.caches.count == caches.count,
      other.crossAttentionCaches.count == crossAttentionCaches.count
    else {
      throw AttentionError.argument(
        "state", reason: "expected \(caches.count) caches, got \(other.caches.count)")
    }
    let caches = try zip(caches, other.caches).map { try $0.appending($1) }
    let crossAttentionCaches = try zip(crossAttentionCaches, other.crossAttentionCaches).map {
      try $0.appending($1)
    }
    let firstPrompt = (prompts.max() ?? -1) + 1
    (self.caches, self.crossAttentionCaches) = (caches, crossAttentionCaches)
    prompts += other.prompts.map { firstPrompt + $0 }
    lengths += other.lengths
    if let history = other.history { self.history?.append(history) }
  }

  /// Removes the last tokens of each sequence, so that other tokens can follow. For example, a prompt with
  /// many continuations is read only once.
  ///
  /// ```swift
  /// let read = state.lengths
  /// // … decode a text after the prompt …
  /// try state.rewind(to: read)
  /// ```
  ///
  /// - Parameter lengths: the number of tokens that each sequence keeps.
  /// - Throws: `AttentionError.argument` naming "lengths" unless there is one per sequence; naming "length"
  ///   if a sequence has fewer tokens, or if a cache with a sliding window has already dropped keys that
  ///   the last remaining token attends to. The state is then unchanged.
  /// - Complexity: O(sequences · blocks); nothing moves.
  public mutating func rewind(to lengths: [Int]) throws {
    caches = try caches.map { cache in
      var cache = cache
      try cache.rewind(to: lengths)
      return cache
    }
    history?.rewind(to: lengths)
    self.lengths = lengths
  }
}
