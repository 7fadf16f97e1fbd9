import Attention
import Synchronization
import TestSupport

@testable import AttentionModels

/// A model whose logits come from tables: row i of table (n - 1) % 3 after n tokens that end with i.
struct TableModel: LanguageModel {
  static let tableCount = 3

  let vocabularySize: Int
  var maxLength: Int?
  /// The start token of an encoder–decoder; nil for a decoder.
  var startToken: Int?
  var isEncoderDecoder: Bool { startToken != nil }
  /// `[table, token, token]`.
  var table: [Float]
  /// The call during which the task that computes is cancelled; nil for none.
  var cancellingCall: Int?
  /// The number of calls, and of tokens in them.
  let calls = CallCount()

  init(table: [Float], vocabularySize: Int) {
    self.table = table
    self.vocabularySize = vocabularySize
  }

  /// The tables that the fixtures' script makes from the same numbers.
  init(seed: UInt64, vocabularySize: Int, stops: [Int] = [], stopBias: Float = 0) {
    self.init(
      table: Self.numbers(seed: seed, count: Self.tableCount * vocabularySize * vocabularySize),
      vocabularySize: vocabularySize)
    for row in 0..<Self.tableCount * vocabularySize {
      for stop in stops { table[row * vocabularySize + stop] += stopBias }
    }
  }

  /// A model that generates these tokens in order. After any other token, it generates the first one.
  init(writing script: [Int], vocabularySize: Int) {
    var next: [Int: Int] = [:]
    for (token, following) in zip(script, script.dropFirst()) { next[token] = following }
    self.init(
      table: Array(repeating: 0, count: Self.tableCount * vocabularySize * vocabularySize),
      vocabularySize: vocabularySize)
    for row in 0..<Self.tableCount * vocabularySize {
      table[row * vocabularySize + (next[row % vocabularySize] ?? script[0])] = 10
    }
  }

  static func numbers(seed: UInt64, count: Int) -> [Float] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { _ in Float(Double(generator.next() >> 40) / 0x1p21 - 4) }
  }

  func begin(_ prompts: PackedTokens) throws -> (state: DecodingState, tokens: PackedTokens) {
    if let empty = prompts.lengths.firstIndex(of: 0) {
      throw ModelError.text("prompt", index: empty, reason: "without tokens")
    }
    let state = DecodingState(sequenceCount: prompts.lengths.count)
    guard let startToken else { return (state, prompts) }
    calls.note(tokens: prompts.ids.count)
    return (state, PackedTokens(prompts.lengths.map { _ in [startToken] }))
  }

  func logits(
    of tokens: PackedTokens, state: inout DecodingState, rows: LogitRows
  ) throws -> Tensor {
    guard tokens.lengths.count == state.sequenceCount, rows == .last else {
      throw AttentionError.argument("tokens", reason: "of \(tokens.lengths.count) sequences")
    }
    calls.note(tokens: tokens.ids.count)
    if calls.calls == cancellingCall { withUnsafeCurrentTask { $0?.cancel() } }
    var scalars: [Float] = []
    var end = 0
    for (sequence, length) in tokens.lengths.enumerated() {
      end += length
      state.lengths[sequence] += length
      if let maxLength, state.lengths[sequence] > maxLength {
        throw ModelError.text("sequence", reason: "longer than \(maxLength)")
      }
      let row =
        (state.lengths[sequence] - 1) % Self.tableCount * vocabularySize + tokens.ids[end - 1]
      scalars += table[row * vocabularySize..<(row + 1) * vocabularySize]
    }
    return try Tensor(shape: [tokens.lengths.count, vocabularySize], scalars: scalars)
  }
}

/// Counts calls from any thread.
final class CallCount: Sendable {
  private let counts = Mutex<(calls: Int, tokens: Int)>((0, 0))

  var calls: Int { counts.withLock { $0.calls } }
  var tokens: Int { counts.withLock { $0.tokens } }

  func note(tokens: Int) {
    counts.withLock {
      $0.calls += 1
      $0.tokens += tokens
    }
  }
}
