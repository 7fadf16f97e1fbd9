import Attention
import AttentionCore

/// The numbers of a lesson as the JSON that its page displays.
///
/// A matrix is an object of its rows and of the digits after the point that the lesson prints; null digits mean
/// up to four. A score that the mask hides is null.
struct LessonData {
  let lesson: Lesson

  private var attention: LessonAttention { lesson.attention }
  private var input: LessonInput { lesson.attention.input }

  var json: String {
    get throws {
      JSONText.object([
        "format": "1", "generator": JSONText.string("swift-attention"),
        "note": lesson.note.map(JSONText.string) ?? "null",
        "words": JSONText.array(input.words.map(JSONText.string)), "focus": "\(input.focus)",
        "isCausal": "\(attention.options.isCausal)", "isScaled": "\(attention.options.isScaled)",
        "embeddings": input.projections.map { Self.vectors($0.embeddings.rows) } ?? "null",
        "projections": input.projections.map(Self.projections) ?? "null",
        "queries": Self.vectors(input.queries.rows), "keys": Self.vectors(input.keys.rows),
        "values": Self.vectors(input.values.rows),
        "heads": JSONText.array(attention.heads.map(head)),
        "concatenated": Self.output(attention.concatenated),
        "outputWeight": input.outputWeight.map { Self.matrix($0.rows) } ?? "null",
        "projected": attention.projected.map(Self.output) ?? "null",
        "sharp": lesson.source == .classic
          ? Self.sharp(try SharpStep(options: attention.options)) : "null",
        "saturation": try Self.saturation(SaturationStep()),
        "backends": try Self.backends(
          BackendStep(attention: attention), wordCount: input.words.count),
        "together": try Self.together(TogetherStep()),
      ])
    }
  }

  private func head(_ head: LessonHead) -> String {
    let digits = LessonText.matrixDigits(words: input.words.count)
    let (words, rows) = (input.words.indices, input.words.indices.map(head.row))
    let terms = words.map { query in
      words.map { key in
        (0..<head.keys.columnCount).map { head.queries[query, $0] * head.keys[key, $0] }
      }
    }
    return JSONText.object([
      "queries": Self.vectors(Self.rows(head.queries)), "keys": Self.vectors(Self.rows(head.keys)),
      "values": Self.vectors(Self.rows(head.values)),
      "terms": JSONText.array(terms.map(Self.numbers)),
      "products": Self.matrix(head.products.rows, digits: digits.scores),
      "scores": Self.matrix(head.scores.rows, digits: digits.scores),
      "shifts": Self.numbers(rows.map(\.shift)),
      "exponentials": JSONText.array(
        rows.map { JSONText.array($0.exponentials.map { JSONText.number($0) }) }),
      "sums": JSONText.array(rows.map { JSONText.number($0.sum) }),
      "weights": Self.matrix(head.weights.rows, digits: digits.weights),
      "weightSums": Self.numbers(head.weights.rows.map { $0.reduce(0, +) }),
      "weightedValues": JSONText.array(rows.map { Self.numbers($0.weightedValues) }),
      "output": Self.output(head.output),
    ])
  }

  private static func projections(_ projections: LessonInput.Projections) -> String {
    JSONText.object([
      "queries": matrix(projections.query.rows), "keys": matrix(projections.key.rows),
      "values": matrix(projections.value.rows),
    ])
  }
}

/// The parts of the lesson that do not depend on its options.
extension LessonData {
  private static func sharp(_ step: SharpStep) -> String {
    let (input, focus) = (step.input, step.input.focus)
    return JSONText.object([
      "words": JSONText.array(input.words.map(JSONText.string)), "focus": "\(focus)",
      "embeddings": input.projections.map { matrix($0.embeddings.rows) } ?? "null",
      "projections": input.projections.map(projections) ?? "null",
      "queries": matrix(input.queries.rows), "keys": matrix(input.keys.rows),
      "values": matrix(input.values.rows), "scores": numbers(step.head.scores.row(focus)),
      "weights": numbers(step.head.weights.row(focus)),
      "conclusion": JSONText.string(step.conclusion),
    ])
  }

  private static func saturation(_ step: SaturationStep) throws -> String {
    let rows = try step.rows().map { row in
      JSONText.object([
        "headDimension": "\(row.headDimension)",
        "weights": numbers([row.scaled.meanLargestWeight, row.unscaled.meanLargestWeight]),
        "gradients": numbers([row.scaled.medianGradientNorm, row.unscaled.medianGradientNorm]),
      ])
    }
    return JSONText.object([
      "queryCount": "\(SaturationStep.queryCount)", "keyCount": "\(SaturationStep.keyCount)",
      "rows": JSONText.array(rows),
    ])
  }

  private static func backends(_ step: BackendStep, wordCount: Int) throws -> String {
    let rows = try step.results().map { result in
      JSONText.object([
        "name": JSONText.string(result.backend.name),
        "outputs": JSONText.array(
          (0..<wordCount).map {
            JSONText.string("[\(result.components(ofWord: $0).joined(separator: ", "))]")
          }),
        "distance": JSONText.string("\(result.distance)"),
      ])
    }
    return JSONText.object([
      "product": JSONText.string(step.product), "rows": JSONText.array(rows),
    ])
  }

  private static func together(_ step: TogetherStep) throws -> String {
    let times = try step.measure()
    return JSONText.object([
      "tokenCount": "\(TogetherStep.tokenCount)", "hiddenSize": "\(TogetherStep.hiddenSize)",
      "headCount": "\(TogetherStep.headCount)",
      "together": JSONText.string("\(String(1e3 * times.together, digits: 2)) ms"),
      "inTurn": JSONText.string("\(String(1e3 * times.inTurn, digits: 2)) ms"),
      "ratio": JSONText.string(String(times.ratio, digits: 1)),
      "distance": JSONText.string(String(scientific: Double(times.distance))),
    ])
  }
}

/// Matrices.
extension LessonData {
  private static func vectors(_ rows: [[Float]]) -> String {
    matrix(rows, digits: LessonText.digits(ofVectors: rows))
  }

  private static func output(_ tensor: Tensor) -> String {
    matrix(tensor.rows, digits: LessonText.digits(ofVector: tensor.shape[1]))
  }

  private static func matrix(_ rows: [[Float]], digits: Int? = nil) -> String {
    JSONText.object(["rows": numbers(rows), "digits": digits.map { "\($0)" } ?? "null"])
  }

  private static func numbers(_ rows: [[Float]]) -> String { JSONText.array(rows.map(numbers)) }

  private static func numbers(_ row: [Float]) -> String {
    JSONText.array(row.map { JSONText.number($0) })
  }

  private static func rows(_ view: MatrixView) -> [[Float]] {
    (0..<view.rowCount).map { row in (0..<view.columnCount).map { view[row, $0] } }
  }
}
