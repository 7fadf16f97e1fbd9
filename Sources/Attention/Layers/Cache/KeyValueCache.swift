/// The keys and values of all tokens so far, so that decoding computes those of the new tokens only.
///
/// ```swift
/// var cache = try KeyValueCache(keyValueHeadCount: 8, keyDimension: 64)
/// try cache.append(keys: k, values: v)  // the new tokens'
/// let mixed = try attention(queries: q, cache: cache, options: AttentionOptions(mask: .causal))
/// ```
///
/// It holds one sequence or several, which may advance by different numbers of tokens. It is a value
/// as a tensor is: copies are cheap, and share memory until one of them is appended to. A refused
/// call leaves the cache as it was.
public struct KeyValueCache: Sendable {
  /// What becomes of the tokens as they grow in number.
  public enum Policy: Sendable, Hashable {
    /// All are kept, in memory that doubles when it is full.
    case growing
    /// All are kept, in memory for `capacity` tokens a sequence that is taken once; more are refused.
    case fixed(capacity: Int)
    /// The last `window` tokens of each sequence are kept, the newest among them: what
    /// `AttentionMask.window(left: window − 1, right: nil)` sees.
    ///
    /// For as long as the tokens appended last have not been followed by others, the window of each
    /// of them is kept: `window − 1` tokens before the first. Memory holds about 2 · window tokens a
    /// sequence, and one more long chunk.
    case rotating(window: Int)
  }

  /// How many sequences there are.
  public var sequenceCount: Int { regions.count }
  /// G, the number of heads of keys and values.
  public var keyValueHeadCount: Int { keys.shape[1] }
  /// dk.
  public var keyDimension: Int { keys.shape[2] }
  /// dv.
  public var valueDimension: Int { values.shape[2] }
  /// What becomes of the tokens as they grow in number.
  public let policy: Policy

  /// `[row, G, dk]`: the regions' rows, and rows that belong to none or are yet to be written.
  var keys: Tensor
  /// `[row, G, dv]`.
  var values: Tensor
  /// One a sequence.
  var regions: [Region]

  /// The most sequences that a cache is made for.
  static let sequenceLimit = 1 << 20

  /// An empty cache.
  ///
  /// - Parameters:
  ///   - sequenceCount: how many sequences there are, 1 to 1048576.
  ///   - keyValueHeadCount: the number of heads of keys and values.
  ///   - keyDimension: dk.
  ///   - valueDimension: dv; nil means dk.
  ///   - policy: what becomes of the tokens as they grow in number.
  /// - Throws: `AttentionError.argument` naming what is out of range; `AttentionError.overflow` or
  ///   `.memory` for a capacity that is not to be had.
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
      throw AttentionError.overflow("a capacity of \(capacity) for \(sequenceCount) sequences")
    }
    self.policy = policy
    keys = try Tensor(shape: [rowCount, keyValueHeadCount, keyDimension]) { _ in }
    values = try Tensor(shape: [rowCount, keyValueHeadCount, valueDimension]) { _ in }
    regions = (0..<sequenceCount).map { Region(start: $0 * capacity, capacity: capacity) }
  }

  /// A growing cache that begins with these keys and values, which it shares and does not copy: what
  /// cross-attention makes of its memory, once.
  ///
  /// - Parameters:
  ///   - keys: `[key token, G, dk]`, sequences end to end.
  ///   - values: `[key token, G, dv]`.
  ///   - lengths: the length of each sequence; nil means one sequence.
  /// - Throws: `AttentionError.shape` naming the argument; `AttentionError.argument` naming "lengths"
  ///   when they do not add up.
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

  /// How many tokens of each sequence have been appended, rewound ones left out.
  public var lengths: [Int] { regions.map(\.length) }

  /// How many tokens of each sequence are kept, and take part in attention: all, unless the cache
  /// rotates.
  public var keptLengths: [Int] { regions.map(\.kept.count) }

  /// How many bytes the keys and values of the kept tokens take: what a step of decoding reads of them.
  public var keptByteCount: Int {
    regions.reduce(0) { $0 + $1.kept.count } * keyValueHeadCount * (keyDimension + valueDimension)
      * MemoryLayout<Float>.stride
  }

  /// What `keptLengths` will be after appending: the sizes that masks and biases must have.
  ///
  /// - Throws: `AttentionError.argument` naming "lengths" unless there is one a sequence, none
  ///   negative.
  public func keptLengths(appending lengths: [Int]) throws -> [Int] {
    guard lengths.count == sequenceCount, lengths.allSatisfy({ $0 >= 0 }) else {
      throw AttentionError.argument(
        "lengths", reason: "expected \(sequenceCount) of at least 0, got \(lengths)")
    }
    return try zip(regions, lengths).map { region, length in
      let (sum, overflow) = region.kept(appending: length, policy).count
        .addingReportingOverflow(length)
      guard !overflow else { throw AttentionError.overflow("\(length) more tokens") }
      return sum
    }
  }

  /// Takes in the keys and values of new tokens.
  ///
  /// - Parameters:
  ///   - keys: `[token, G, dk]`: the new tokens of the first sequence, then those of the second, …
  ///   - values: `[token, G, dv]`, as many.
  ///   - lengths: how many of them belong to each sequence, 0 for none; nil means the same number
  ///     to each: all to the only sequence, or one each in a step of decoding.
  /// - Throws: `AttentionError.shape` naming the argument, with both shapes; `AttentionError.argument`
  ///   naming "lengths", or "capacity" when a fixed cache is full; `AttentionError.memory`. The cache
  ///   is then as it was.
  /// - Complexity: O(new tokens), on average over many calls; O(all tokens) when a copy of the cache
  ///   shares its memory.
  public mutating func append(keys: Tensor, values: Tensor, lengths: [Int]? = nil) throws {
    try append(keys: keys, values: values, lengths: lengths) { _ in }
  }

  /// Takes in the keys and values of new tokens, calls `body`, and forgets them if it throws.
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
      regions = before  // the rows written lie beyond what these hold
      throw error
    }
  }

  /// Forgets the last tokens of a sequence: the cache is as if only the first `length` had been
  /// appended.
  ///
  /// A growing or fixed cache goes back to any length. A rotating one goes back while the window
  /// before that length is still held: over the last append always, further as it happens; and to 0.
  ///
  /// - Throws: `AttentionError.argument` naming "sequence" or "length", with the lengths that are
  ///   possible.
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
        reason: "\(length) is not among 0...\(region.length), the tokens of sequence \(sequence)")
    }
    guard length != region.length else { return }
    var firstKept = 0
    if length > 0, case .rotating(let window) = policy {
      firstKept = max(0, length - window)
      guard region.held.lowerBound <= firstKept else {
        throw AttentionError.argument(
          "length",
          reason: "sequence \(sequence) cannot go back to \(length) of \(region.length) tokens: "
            + "its window of \(window) is held from length "
            + "\(region.held.lowerBound + window) on")
      }
    }
    regions[sequence].held = length == 0 ? 0..<0 : region.held.lowerBound..<length
    regions[sequence].firstKept = firstKept
  }

  /// Forgets the last tokens of every sequence, as ``rewind(sequence:to:)`` does, or where that fails, of none.
  package mutating func rewind(to lengths: [Int]) throws {
    guard lengths.count == sequenceCount else {
      throw AttentionError.argument(
        "lengths", reason: "expected \(sequenceCount), one a sequence, got \(lengths.count)")
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

  /// Forgets all tokens of all sequences, and keeps the memory for those to come.
  public mutating func removeAll() {
    for index in regions.indices {
      regions[index].held = 0..<0
      regions[index].firstKept = 0
    }
  }
}
