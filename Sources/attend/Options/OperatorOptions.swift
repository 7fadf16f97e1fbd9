import ArgumentParser
import Attention

/// Flags for the options of the attention operator.
struct OperatorOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Factor for the scores QKᵀ. (default: 1/√dk)", valueName: "number"))
  var scale: Float?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Softcap for the scores: c · tanh(score / c).", valueName: "c"))
  var softcap: Float?
  @Option(
    help: ArgumentHelp(
      "Read a bias to add to the scores, [query, key] or [head or 1, query, key].",
      valueName: "file"))
  var bias: String?
  @Flag(help: "Add the ALiBi bias, with the published slopes.")
  var alibi = false
  @Option(
    help: ArgumentHelp(
      "Read attention sinks, [head]: an extra logit without a value in each softmax.",
      valueName: "file"))
  var sinks: String?

  @Flag(help: "Causal mask: a query does not attend to later keys.")
  var causal = false
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Sliding window: number of keys before and after a query's position (-1: no limit).",
      valueName: "left,right"),
    transform: integers)
  var window: [Int]?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Prefix-LM mask: all queries attend to the first n keys; otherwise causal.",
      valueName: "n"))
  var prefix: Int?
  @Option(
    help: ArgumentHelp(
      """
      Alignment for different numbers of queries and keys: bottom-right aligns the last query with \
      the last key, top-left the first query with the first key.
      """, valueName: "corner"))
  var causalAlignment: AttentionMask.Alignment = .bottomRight
  @Option(
    help: ArgumentHelp(
      "Read a boolean mask, [query, key] or [head or 1, query, key]; true: attend.",
      valueName: "file"))
  var mask: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Lengths of packed sequences, which do not attend to each other.",
      valueName: "3,5,9"),
    transform: integers)
  var lengths: [Int]?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Lengths of the packed sequences of keys. (default: --lengths)", valueName: "3,5,9"),
    transform: integers)
  var keyLengths: [Int]?

  mutating func validate() throws {
    if let scale, !scale.isFinite {
      throw ValidationError("--scale: expected a finite number, got \(scale)")
    }
    if let softcap, !softcap.isFinite || softcap <= 0 {
      throw ValidationError("--softcap: expected a positive number, got \(softcap)")
    }
    if let window, window.count != 2 || window.contains(where: { $0 < -1 }) {
      throw ValidationError(
        "--window: expected LEFT,RIGHT of -1 or more, got \(window.map { "\($0)" }.joined(separator: ","))"
      )
    }
    if let prefix, prefix < 0 {
      throw ValidationError("--prefix: expected 0 or more, got \(prefix)")
    }
    for (flag, lengths) in [("--lengths", lengths), ("--key-lengths", keyLengths)] {
      if let negative = lengths?.first(where: { $0 < 0 }) {
        throw ValidationError("\(flag): expected lengths of 0 or more, got \(negative)")
      }
    }
    guard let keyLengths else { return }
    guard let lengths else { throw ValidationError("--key-lengths needs --lengths") }
    guard lengths.count == keyLengths.count else {
      throw ValidationError(
        "--key-lengths: expected \(lengths.count) lengths, as in --lengths, got \(keyLengths.count)"
      )
    }
  }

  private var biasFile: TypedPath? { bias.map { TypedPath(flag: "--bias", path: $0) } }
  private var sinksFile: TypedPath? { sinks.map { TypedPath(flag: "--sinks", path: $0) } }
  private var maskFile: TypedPath? { mask.map { TypedPath(flag: "--mask", path: $0) } }

  /// The input files.
  var files: [TypedPath] { [biasFile, sinksFile, maskFile].compactMap(\.self) }

  /// The flags, with their files, by the library's argument names.
  var names: [String: String] {
    [
      "scale": "--scale", "softcap": "--softcap", "bias": biasFile?.description ?? "--alibi",
      "sinks": sinksFile?.description ?? "--sinks", "mask": maskFile?.description ?? "--mask",
      "window": "--window", "prefix": "--prefix", "lengths": "--lengths",
      "keyLengths": "--key-lengths",
    ]
  }

  /// The options for queries with `headCount` heads.
  func options(headCount: Int) throws -> AttentionOptions {
    var options = AttentionOptions(
      scale: scale, softcap: softcap, bias: try biasFile?.read(Tensor.init(npy:)),
      sinks: try sinksFile?.read(Tensor.init(npy:)), lengths: lengths, keyLengths: keyLengths)
    if alibi {
      options.modifiers = [try LinearBias(headCount: headCount, alignment: causalAlignment)]
    }
    var masks: [AttentionMask] = []
    if causal { masks.append(.causal(alignment: causalAlignment)) }
    if let window {
      let reach = window.map { $0 == -1 ? nil : $0 }
      masks.append(.window(left: reach[0], right: reach[1], alignment: causalAlignment))
    }
    if let prefix { masks.append(.prefix(prefix, alignment: causalAlignment)) }
    if let maskFile { masks.append(.keeping(try maskFile.read(BooleanTensor.init(npy:)))) }
    options.mask = masks.reduce(.none) { $0.intersection($1) }
    return options
  }
}

/// Parses a list such as `3,5,9`.
@Sendable private func integers(_ text: String) throws -> [Int] {
  try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
    guard let integer = Int(part.trimmingPrefix(" ")) else {
      throw ValidationError("expected integers separated by commas, got '\(text)'")
    }
    return integer
  }
}

extension AttentionMask.Alignment: ExpressibleByArgument {}
