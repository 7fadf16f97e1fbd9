import Attention

/// Groups the labels of tokens to entities.
///
/// - Source: `TokenClassificationPipeline.aggregate` of transformers.
struct EntityGrouping {
  let labels: [String]
  let aggregation: EntityAggregation
  let text: ScalarText
  let tokenizer: Tokenizer

  /// A token, or a word of several tokens.
  private struct Unit {
    var probabilities: [Float]
    var range: Range<Int>

    var best: Int { probabilities.firstIndex(of: probabilities.max() ?? 0) ?? 0 }
    var score: Float { probabilities[best] }
  }

  /// The entities in a window, with all labels.
  ///
  /// - Parameter logits: the scores of the labels for each token of the window's encoding.
  func entities(in window: TextWindow, logits: [ArraySlice<Float>]) -> [Entity] {
    let tokens = window.tokens.map {
      Unit(probabilities: softmax(logits: logits[$0]), range: window.encoding.offsets[$0])
    }
    switch aggregation {
    case .none: return tokens.map { entity(labels[$0.best], [$0]) }
    case .simple: return groups(of: tokens)
    case .first, .average, .max: return groups(of: words(of: tokens, in: window))
    }
  }

  private func entity(_ label: String, _ units: [Unit]) -> Entity {
    let start = units[0].range.lowerBound
    let range = start..<Swift.max(start, units[units.count - 1].range.upperBound)
    let score = units.reduce(0) { $0 + $1.score } / Float(units.count)
    return Entity(label: label, score: score, range: range, text: text[range])
  }

  // MARK: - Words

  private func words(of tokens: [Unit], in window: TextWindow) -> [Unit] {
    let names = window.encoding.tokens
    var words: [[Unit]] = []
    for (token, position) in zip(tokens, window.tokens) {
      let isUnknown = window.encoding.ids[position] == tokenizer.unknownToken
      if !words.isEmpty, !isUnknown, continuesWord(token.range, name: names[position]) {
        words[words.count - 1].append(token)
      } else {
        words.append([token])
      }
    }
    return words.map(word)
  }

  /// Whether a token continues the word of the previous token. With a tokenizer that marks such tokens, its name is
  /// longer than its text; else, there is no space before it.
  private func continuesWord(_ range: Range<Int>, name: String) -> Bool {
    if tokenizer.marksContinuingPieces { return name.unicodeScalars.count != range.count }
    return range.lowerBound > 0 && text[range.lowerBound - 1] != " "
      && text[range.lowerBound] != " "
  }

  private func word(_ tokens: [Unit]) -> Unit {
    let range =
      tokens[0].range
      .lowerBound..<Swift.max(
        tokens[0].range.lowerBound, tokens[tokens.count - 1].range.upperBound)
    let probabilities: [Float]
    switch aggregation {
    case .average:
      probabilities = labels.indices.map { label in
        tokens.reduce(0) { $0 + $1.probabilities[label] } / Float(tokens.count)
      }
    case .max:
      let best = tokens.map(\.score).max() ?? 0
      probabilities = (tokens.first { $0.score == best } ?? tokens[0]).probabilities
    case .first, .none, .simple: probabilities = tokens[0].probabilities
    }
    return Unit(probabilities: probabilities, range: range)
  }

  // MARK: - Groups

  private func groups(of units: [Unit]) -> [Entity] {
    var entities: [Entity] = []
    var group: [Unit] = []
    func end() {
      guard let first = group.first else { return }
      // The reference cuts the first label of a group at its first hyphen.
      let label = labels[first.best]
      let parts = label.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
      entities.append(entity(String(parts.last ?? ""), group))
    }
    for unit in units {
      if let last = group.last {
        let (isBegin, tag) = Self.tag(labels[unit.best])
        if isBegin || tag != Self.tag(labels[last.best]).tag {
          end()
          group = []
        }
      }
      group.append(unit)
    }
    end()
    return entities
  }

  /// The label without `B-` or `I-`, and whether it has `B-`.
  private static func tag(_ label: String) -> (isBegin: Bool, tag: Substring) {
    let isBegin = label.hasPrefix("B-")
    return (isBegin, isBegin || label.hasPrefix("I-") ? label.dropFirst(2) : label[...])
  }

  /// Of entities of overlapping windows that overlap, the longest; of equal lengths, the one with the largest score.
  static func withoutOverlaps(_ entities: [Entity]) -> [Entity] {
    let sorted = entities.stablySorted(by: \.range.lowerBound, <)
    guard var previous = sorted.first else { return [] }
    var kept: [Entity] = []
    for entity in sorted {
      if previous.range.contains(entity.range.lowerBound) {
        let isLonger = entity.range.count > previous.range.count
        if isLonger || entity.range.count == previous.range.count && entity.score > previous.score {
          previous = entity
        }
      } else {
        kept.append(previous)
        previous = entity
      }
    }
    return kept + [previous]
  }
}
