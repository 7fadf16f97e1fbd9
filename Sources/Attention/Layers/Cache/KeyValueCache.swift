/// The keys and values of all previous tokens, so that decoding computes keys and values only for
/// new tokens.
///
/// ```swift
/// var cache = try KeyValueCache(keyValueHeadCount: 8, keyDimension: 64)
/// try cache.append(keys: k, values: v)  // of the new tokens
/// let result = try attention(
///   queries: q, cache: cache, options: AttentionOptions(mask: .causal))
/// ```
///
/// A cache has one or more sequences, which may grow by different numbers of tokens. It is a value,
/// like a tensor: a copy is cheap and shares memory until one of the copies is appended to. If a
/// call throws, the cache does not change.
public struct KeyValueCache: Sendable {
  /// Which tokens to keep as the sequences grow.
  public enum Policy: Sendable, Hashable {
    /// Keep all tokens, in memory that doubles when it is full.
    case growing
    /// Keep all tokens, in memory that is allocated once for `capacity` tokens per sequence.
    /// Appending more throws.
    case fixed(capacity: Int)
    /// Keep the last `window` tokens of each sequence, including the newest. These are the keys
    /// that the newest token attends to with `AttentionMask.window(left: window − 1, right: nil)`.
    ///
    /// Until the next append, the cache also keeps the `window − 1` tokens before the first token
    /// of the last append, so that every token of that append has a full window. Memory use is
    /// about 2 · window tokens per sequence, plus the longest appended chunk.
    case rotating(window: Int)
  }

  /// The number of sequences.
  public var sequenceCount: Int { regions.count }
  /// G, the number of heads of keys and values.
  public var keyValueHeadCount: Int { keys.shape[1] }
  /// dk.
  public var keyDimension: Int { keys.shape[2] }
  /// dv.
  public var valueDimension: Int { values.shape[2] }
  /// Which tokens to keep as the sequences grow.
  public let policy: Policy

  /// `[row, G, dk]`: the rows of all regions, and unused rows.
  var keys: Tensor
  /// `[row, G, dv]`.
  var values: Tensor
  /// One region per sequence.
  var regions: [Region]

  /// The maximum number of sequences.
  static let sequenceLimit = 1 << 20

  /// An empty cache.
  ///
  /// - Parameters:
  ///   - sequenceCount: the number of sequences, 1 to 1048576.
  ///   - keyValueHeadCount: the number of heads of keys and values.
  ///   - keyDimension: dk.
  ///   - valueDimension: dv; nil means dk.
  ///   - policy: which tokens to keep as the sequences grow.
  /// - Throws: `AttentionError.argument` naming the argument that is out of range;
  ///   `AttentionError.overflow` or `.memory` for a capacity that cannot be allocated.
  public init(
    sequenceCount: Int = 1, keyValueHeadCount: Int, keyDimension: Int, valueDimension: Int? = nil,
    policy: Policy = .growing
  ) throws {
    let valueDimension = valueDimension ?? keyDimension
    guard (1...Self.sequenceLimit).contains(sequenceCount) else {
      throw AttentionError.argument(
        "sequenceCount", reason: "expected 1 to \(Self.sequenceLimit), got \(sequenceCount)")
    }
    for (name, number) in [
      ("keyValueHeadCount", keyValueHeadCount), ("keyDimension", keyDimension),
      ("valueDimension", valueDimension),
    ] where number < 1 {
      throw AttentionError.argument(name, reason: "expected at least 1, got \(number)")
    }
    var capacity = 0
    switch policy {
    case .growing: break
    case .fixed(let tokens):
      guard tokens >= 0 else {
        throw AttentionError.argument("capacity", reason: "expected at least 0, got \(tokens)")
      }
      capacity = tokens
    case .rotating(let window):
      guard window >= 1 else {
        throw AttentionError.argument("window", reason: "expected at least 1, got \(window)")
      }
    }
    let (rowCount, overflow) = capacity.multipliedReportingOverflow(by: sequenceCount)
    guard !overflow else {
      throw AttentionError.overflow(
        "a capacity of \(capacity) tokens for \(sequenceCount) sequences exceeds \(Int.max)")
    }
    self.policy = policy
    keys = try Tensor(shape: [rowCount, keyValueHeadCount, keyDimension]) { _ in }
    values = try Tensor(shape: [rowCount, keyValueHeadCount, valueDimension]) { _ in }
    regions = (0..<sequenceCount).map { Region(start: $0 * capacity, capacity: capacity) }
  }

  /// A growing cache that starts with the given keys and values and shares their memory.
  /// Cross-attention stores the projected encoder output in such a cache.
  ///
  /// - Parameters:
  ///   - keys: `[key token, G, dk]`, packed sequences.
  ///   - values: `[key token, G, dv]`.
  ///   - lengths: the length of each sequence; nil means one sequence.
  /// - Throws: `AttentionError.shape` naming the argument; `AttentionError.argument` naming
  ///   "lengths" if they do not add up to the number of tokens.
  public init(keys: Tensor, values: Tensor, lengths: [Int]? = nil) throws {
    guard keys.shape.rank == 3 else {
      throw AttentionError.shape(
        argument: "keys", expected: "[token, head, dimension]", got: keys.shape)
    }
    let lengths = lengths ?? [keys.shape[0]]
    try self.init(
      sequenceCount: lengths.count, keyValueHeadCount: keys.shape[1], keyDimension: keys.shape[2],
      valueDimension: values.shape.dimensions.last ?? 0)
    _ = try stepLengths(lengths, keys: keys, values: values)
    self.keys = keys
    self.values = values
    var end = 0
    for (index, length) in lengths.enumerated() {
      regions[index] = Region(start: end, capacity: length, held: 0..<length)
      end += length
    }
  }

  /// The number of tokens of each sequence. Tokens that a rewind removed do not count.
  public var lengths: [Int] { regions.map(\.length) }

  /// The number of kept tokens of each sequence: the tokens that queries can attend to. Equals
  /// ``lengths`` unless the cache rotates.
  public var keptLengths: [Int] { regions.map(\.kept.count) }

  /// The size in bytes of the kept keys and values. A decoding step reads all of them.
  public var keptByteCount: Int {
    regions.reduce(0) { $0 + $1.kept.count } * keyValueHeadCount * (keyDimension + valueDimension)
      * MemoryLayout<Float>.stride
  }

  /// The value of ``keptLengths`` after appending `lengths` tokens. Masks and biases must have
  /// these sizes.
  ///
  /// - Throws: `AttentionError.argument` naming "lengths" unless there is one nonnegative length
  ///   per sequence.
  public func keptLengths(appending lengths: [Int]) throws -> [Int] {
    guard lengths.count == sequenceCount, lengths.allSatisfy({ $0 >= 0 }) else {
      throw AttentionError.argument(
        "lengths", reason: "expected \(sequenceCount) nonnegative lengths, got \(lengths)")
    }
    return try zip(regions, lengths).map { region, length in
      let (sum, overflow) = region.kept(appending: length, policy).count
        .addingReportingOverflow(length)
      guard !overflow else {
        throw AttentionError.overflow("the length after \(length) more tokens exceeds \(Int.max)")
      }
      return sum
    }
  }

  /// Appends the keys and values of new tokens.
  ///
  /// - Parameters:
  ///   - keys: `[token, G, dk]`: the new tokens of the first sequence, then of the second, …
  ///   - values: `[token, G, dv]`, the same number of tokens.
  ///   - lengths: the number of new tokens of each sequence, which may be 0; nil means the same
  ///     number for each sequence.
  /// - Throws: `AttentionError.shape` naming the argument, with both shapes;
  ///   `AttentionError.argument` naming "lengths", or "capacity" if a fixed cache is full;
  ///   `AttentionError.memory`. The cache does not change if an error is thrown.
  /// - Complexity: amortized O(new tokens); O(all tokens) if a copy of the cache shares its memory.
  public mutating func append(keys: Tensor, values: Tensor, lengths: [Int]? = nil) throws {
    try append(keys: keys, values: values, lengths: lengths) { _ in }
  }

  /// Appends the keys and values of new tokens and calls `body`. If `body` throws, removes them
  /// again.
  mutating func append<Result>(
    keys: Tensor, values: Tensor, lengths: [Int]?, then body: (KeyValueCache) throws -> Result
  ) throws -> Result {
    let lengths = try stepLengths(lengths, keys: keys, values: values)
    try reserve(lengths)
    try write(keys: keys, values: values, lengths: lengths)
    let before = regions
    for (index, length) in lengths.enumerated() where length > 0 {
      regions[index].append(length, policy)
    }
    do {
      return try body(self)
    } catch {
      regions = before  // the new rows are outside of these regions
      throw error
    }
  }

  /// Removes the last tokens of a sequence, so that `length` tokens are left.
  ///
  /// A growing or fixed cache can be rewound to any length. A rotating cache can be rewound to 0,
  /// to any length within the last append, and to an earlier length if the cache still holds the
  /// window before that length.
  ///
  /// - Throws: `AttentionError.argument` naming "sequence" or "length", with the possible lengths.
  /// - Complexity: O(1).
  public mutating func rewind(sequence: Int, to length: Int) throws {
    guard regions.indices.contains(sequence) else {
      throw AttentionError.argument(
        "sequence", reason: "\(sequence) is not one of the \(sequenceCount) sequences")
    }
    let region = regions[sequence]
    guard (0...region.length).contains(length) else {
      throw AttentionError.argument(
        "length",
        reason: "expected 0...\(region.length), because sequence \(sequence) has \(region.length) "
          + "tokens, got \(length)")
    }
    guard length != region.length else { return }
    var firstKept = 0
    if length > 0, case .rotating(let window) = policy {
      firstKept = max(0, length - window)
      guard region.held.lowerBound <= firstKept else {
        throw AttentionError.argument(
          "length",
          reason: "cannot rewind sequence \(sequence) from \(region.length) to \(length) tokens: "
            + "its window of \(window) tokens is complete only from length "
            + "\(region.held.lowerBound + window) on")
      }
    }
    regions[sequence].held = length == 0 ? 0..<0 : region.held.lowerBound..<length
    regions[sequence].firstKept = firstKept
  }

  /// Removes the last tokens of every sequence, as ``rewind(sequence:to:)``. If one sequence cannot
  /// be rewound, no sequence changes.
  package mutating func rewind(to lengths: [Int]) throws {
    guard lengths.count == sequenceCount else {
      throw AttentionError.argument(
        "lengths", reason: "expected \(sequenceCount), one per sequence, got \(lengths.count)")
    }
    let before = regions
    do {
      for (sequence, length) in lengths.enumerated() {
        try rewind(sequence: sequence, to: length)
      }
    } catch {
      regions = before
      throw error
    }
  }

  /// Removes all tokens of all sequences and keeps the memory for new ones.
  public mutating func removeAll() {
    for index in regions.indices {
      regions[index].held = 0..<0
      regions[index].firstKept = 0
    }
  }
}
