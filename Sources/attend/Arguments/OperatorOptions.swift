import ArgumentParser
import Attention

/// What the operator does to the scores, as flags.
struct OperatorOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The factor on QKᵀ. (default: 1/√dk)", valueName: "number"))
  var scale: Float?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Scores become c · tanh(score / c).", valueName: "c"))
  var softcap: Float?
  @Option(
    help: ArgumentHelp(
      "Read: added to the scores, [query, key] or [head or 1, query, key].", valueName: "file"))
  var bias: String?
  @Flag(help: "Keys count less the further away they are, with the published slope of each head.")
  var alibi = false
  @Option(
    help: ArgumentHelp(
      "Read: [head], a logit in each softmax's denominator that has no value.",
      valueName: "file"))
  var sinks: String?

  @Flag(help: "Query i attends to the keys up to its own position.")
  var causal = false
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Query i attends from so many keys behind its position to so many ahead; -1 is no limit.",
      valueName: "left,right"),
    transform: integers)
  var window: [Int]?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Every query attends to the first n keys; beyond, causal.", valueName: "n"))
  var prefix: Int?
  @Option(
    help: ArgumentHelp(
      """
      For positions with other counts of queries and keys: bottom-right lets the last query stand \
      at the last key, top-left the first query at the first key.
      """, valueName: "corner"))
  var causalAlignment: AttentionMask.Alignment = .bottomRight
  @Option(
    help: ArgumentHelp(
      "Read: bool [query, key] or [head or 1, query, key]; true lets the query attend.",
      valueName: "file"))
  var mask: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Lengths of sequences that lie end to end; none attends to another.",
      valueName: "3,5,9"),
    transform: integers)
  var lengths: [Int]?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Lengths of the sequences of keys. (default: as --lengths)", valueName: "3,5,9"),
    transform: integers)
  var keyLengths: [Int]?

  mutating func validate() throws {
    if let window, window.count != 2 || window.contains(where: { $0 < -1 }) {
      throw ValidationError(
        "--window: expected LEFT,RIGHT of -1 or more, got \(window.map { "\($0)" }.joined(separator: ","))"
      )
    }
  }

  /// The files that are read.
  var inputs: [String] { [bias, sinks, mask].compactMap(\.self) }

  /// The options for queries of so many heads.
  func options(headCount: Int) throws -> AttentionOptions {
    var options = AttentionOptions(
      scale: scale, softCap: softcap, bias: try bias.map { try Tensor(npy: $0) },
      sinks: try sinks.map { try Tensor(npy: $0) }, lengths: lengths, keyLengths: keyLengths)
    if alibi {
      options.modifiers = [LinearBias(headCount: headCount, alignment: causalAlignment)]
    }
    var masks: [AttentionMask] = []
    if causal { masks.append(.causal(alignment: causalAlignment)) }
    if let window {
      let reach = window.map { $0 == -1 ? nil : $0 }
      masks.append(.window(left: reach[0], right: reach[1], alignment: causalAlignment))
    }
    if let prefix { masks.append(.prefix(prefix, alignment: causalAlignment)) }
    if let mask { masks.append(.keeping(try BooleanTensor(npy: mask))) }
    options.mask = masks.reduce(.none) { $0.intersection($1) }
    return options
  }
}

/// The integers in `3,5,9`.
@Sendable private func integers(_ text: String) throws -> [Int] {
  try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
    guard let integer = Int(part.trimmingPrefix(" ")) else {
      throw ValidationError("expected integers with commas between them, got '\(text)'")
    }
    return integer
  }
}

extension AttentionMask.Alignment: ExpressibleByArgument {}
