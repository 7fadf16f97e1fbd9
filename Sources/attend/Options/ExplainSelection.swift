import ArgumentParser
import Attention
import AttentionModels

/// The attention weights that `attend explain` shows.
struct ExplainSelection: ParsableArguments {
  @Option(
    help: """
      Which attention of an encoder–decoder: cross is from the generated text to the given one. (default: \
      cross)
      """)
  var attention: AttentionMap.Kind?
  @Option(parsing: .unconditional, help: ArgumentHelp("Layer, from 0.", valueName: "number"))
  var layer: Int?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Head of the layer, from 0.", valueName: "number"))
  var head: Int?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Word of the text; the:2 is the second \"the\", and a number is the word of that token.",
      valueName: "word"))
  var token: String?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Occurrence of the word --token in the text, from 1. (default: all)",
      valueName: "number"))
  var occurrence: Int?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Maximum number of heads to list for a word.", valueName: "count"))
  var top = 10

  mutating func validate() throws {
    if head != nil, layer == nil { throw ValidationError("--head needs --layer") }
    if occurrence != nil, token == nil { throw ValidationError("--occurrence needs --token") }
    if let occurrence, occurrence < 1 {
      throw ValidationError("--occurrence: expected at least 1, got \(occurrence)")
    }
    if top < 1 { throw ValidationError("--top: expected at least 1, got \(top)") }
  }

  /// The selected map of an explanation.
  ///
  /// - Throws: `CLIError.Usage` for attention that the model does not have, or a layer or head out of range.
  func map(of explanation: AttentionExplanation) throws -> AttentionMap {
    let kinds = explanation.maps.map(\.kind)
    guard let map = attention.map({ explanation.map($0) }) ?? explanation.maps.first else {
      let names = kinds.map(\.rawValue).joined(separator: ", ")
      throw CLIError.Usage(
        "--attention: the model has no \(attention?.rawValue ?? "") attention, only \(names)")
    }
    try Self.check(layer, below: map.layers.count, "--layer", "layers")
    try Self.check(head, below: map.headCount, "--head", "heads")
    return map
  }

  private static func check(
    _ index: Int?, below count: Int, _ flag: String, _ things: String
  ) throws {
    guard let index, !(0..<count).contains(index) else { return }
    throw CLIError.Usage(
      "\(flag): \(index) is out of range: the model has \(count) \(things), counted from 0")
  }
}

extension AttentionMap.Kind: ExpressibleByArgument {}
