import Attention

// One-line descriptions of models, tasks and their results.

extension SentenceEmbedder: CustomStringConvertible {
  /// The settings and the model, such as `SentenceEmbedder(384 features, mean, normalized, at most 256
  /// tokens, BERT(…))`.
  public var description: String {
    DescriptionText.parts(
      "SentenceEmbedder", counted(embeddingDimension, "feature"),
      poolings.map(\.rawValue).joined(separator: " + "), normalizes ? "normalized" : nil,
      "at most \(counted(maxLength, "token"))", "\(encoder)")
  }
}

extension TextGenerator: CustomStringConvertible {
  /// The model and its tasks, such as `TextGenerator(T5(…), tasks ["summarization"])`.
  public var description: String {
    DescriptionText.parts(
      "TextGenerator", "\(model)",
      tasks.isEmpty
        ? nil
        : "tasks \(DescriptionText.list(tasks.lazy.map { quoted($0.name, limit: 60) }))")
  }
}

extension TextTask: CustomStringConvertible {
  /// The name and the prefix, such as `TextTask("summarization", prefix "summarize: ")`.
  public var description: String {
    "TextTask(\(quoted(name, limit: 60)), prefix \(quoted(prefix, limit: 60)))"
  }
}

extension GeneratedText: CustomStringConvertible {
  /// The text and its length, such as `GeneratedText("Le chat dort.", 5 tokens, stop)`.
  public var description: String {
    DescriptionText.parts(
      "GeneratedText", quoted(text, limit: 60), counted(tokens.count, "token"),
      "\(finishReason)",
      score.map { "score \(DescriptionText.number($0))" })
  }
}

extension GeneratedPiece: CustomStringConvertible {
  /// The text and its length, such as `GeneratedPiece(" cat", 1 token)`; "end" marks the last piece.
  public var description: String {
    DescriptionText.parts(
      "GeneratedPiece", quoted(text, limit: 60),
      counted(tokens.count, "token"),
      result == nil ? nil : "end")
  }
}

extension GeneratedTextStream: CustomStringConvertible {
  /// The prompt, such as `GeneratedTextStream("Once upon a time")`.
  public var description: String { "GeneratedTextStream(\(quoted(text, limit: 60)))" }
}

extension GeneratedTextStream.Iterator: CustomStringConvertible {
  /// The name of the type.
  public var description: String { "GeneratedTextStream.Iterator" }
}

extension AttentionExplainer: CustomStringConvertible {
  /// The model, such as `AttentionExplainer(BERT(…))`.
  public var description: String { "AttentionExplainer(\(model))" }
}

extension AttentionExplanation: CustomStringConvertible {
  /// The text and the maps, such as `AttentionExplanation("The cat sat.", 6 tokens, encoder 6 × 12)`.
  public var description: String {
    DescriptionText.parts(
      "AttentionExplanation", quoted(input.texts[0], limit: 60), counted(input.count, "token"),
      maps.map { "\($0.kind) \($0.layers.count) × \($0.headCount)" }.joined(separator: ", "))
  }
}

extension AttentionExplainer.Model: CustomStringConvertible {
  /// The description of the encoder or the generator.
  public var description: String {
    switch self {
    case .encoder(let encoder): "\(encoder)"
    case .generator(let generator): "\(generator)"
    }
  }
}

extension ExplanationOptions: CustomStringConvertible {
  /// The values that differ from the defaults, such as `ExplanationOptions(includesSteps: true)`.
  public var description: String {
    DescriptionText.parts(
      "ExplanationOptions", averagesHeads ? "averagesHeads: true" : nil,
      includesSteps ? "includesSteps: true" : nil, task.map { "task: \(printable($0.name))" })
  }
}

extension ContextualVectors: CustomStringConvertible {
  /// The sizes, such as `ContextualVectors(9 tokens, 7 layers)`.
  public var description: String {
    DescriptionText.parts(
      "ContextualVectors", counted(text.count, "token"), counted(layers.count, "layer"))
  }
}

extension AttentionPage: CustomStringConvertible {
  /// The size, such as `AttentionPage(651323 bytes)`.
  public var description: String { "AttentionPage(\(html.utf8.count) bytes)" }
}

extension AttentionFigure: CustomStringConvertible {
  /// The size, such as `AttentionFigure(26952 bytes)`.
  public var description: String { "AttentionFigure(\(svg.utf8.count) bytes)" }
}

extension TokenizedText: CustomStringConvertible {
  /// The first text and the number of tokens, such as `TokenizedText("The cat sat.", 6 tokens)`.
  public var description: String {
    DescriptionText.parts("TokenizedText", quoted(texts[0], limit: 60), counted(count, "token"))
  }
}

extension AttentionMap: CustomStringConvertible {
  /// The kind and the sizes, such as `AttentionMap(cross, 6 layers, 12 heads, 7 × 12 tokens)`.
  public var description: String {
    DescriptionText.parts(
      "AttentionMap", "\(kind)", counted(layers.count, "layer"), counted(headCount, "head"),
      "\(queries.count) × \(counted(keys.count, "token"))")
  }
}

extension AttentionMap.Link: CustomStringConvertible {
  /// The head, the tokens and the weight, such as `Link(layer 5, head 11, tokens 9..<10 → 2..<3, weight
  /// 0.712)`.
  public var description: String {
    DescriptionText.parts(
      "Link", "layer \(layer)", "head \(head)", "tokens \(source) → \(target)",
      "weight \(DescriptionText.number(weight))")
  }
}

extension CrossEncoder: CustomStringConvertible {
  /// The settings and the classifier, such as `CrossEncoder(sigmoid, at most 512 tokens, SequenceClassifier(…))`.
  public var description: String {
    DescriptionText.parts(
      "CrossEncoder", "\(activation)", "at most \(counted(maxLength, "token"))", "\(classifier)")
  }
}

extension QuantizedEmbeddings: CustomStringConvertible {
  /// The sizes and the format, such as `QuantizedEmbeddings(100 × 384, int8)`.
  public var description: String {
    "QuantizedEmbeddings(\(count) × \(dimension), \(precision.rawValue))"
  }
}

extension EmbeddingRanges: CustomStringConvertible {
  /// The number of features, such as `EmbeddingRanges(384 features)`.
  public var description: String { "EmbeddingRanges(\(counted(minimum.count, "feature")))" }
}

extension TextClassifier: CustomStringConvertible {
  /// The limit and the classifier, such as `TextClassifier(at most 512 tokens, SequenceClassifier(…))`.
  public var description: String {
    DescriptionText.parts(
      "TextClassifier", "at most \(counted(maxLength, "token"))", "\(classifier)")
  }
}

extension ZeroShotClassifier: CustomStringConvertible {
  /// The limit and the classifier, such as `ZeroShotClassifier(at most 512 tokens, SequenceClassifier(…))`.
  public var description: String {
    DescriptionText.parts(
      "ZeroShotClassifier", "at most \(counted(maxLength, "token"))", "\(classifier)")
  }
}

extension QuestionAnswerer: CustomStringConvertible {
  /// The limit and the model, such as `QuestionAnswerer(at most 512 tokens, AnswerExtractor(…))`.
  public var description: String {
    DescriptionText.parts(
      "QuestionAnswerer", "at most \(counted(maxLength, "token"))", "\(extractor)")
  }
}

extension EntityTagger: CustomStringConvertible {
  /// The limit and the model, such as `EntityTagger(at most 512 tokens, TokenClassifier(…))`.
  public var description: String {
    DescriptionText.parts("EntityTagger", "at most \(counted(maxLength, "token"))", "\(classifier)")
  }
}

extension MaskFiller: CustomStringConvertible {
  /// The mask and the model, such as `MaskFiller([MASK], MaskedLanguageModel(…))`.
  public var description: String { DescriptionText.parts("MaskFiller", mask, "\(model)") }
}

extension LabelScore: CustomStringConvertible {
  /// The label and the score, such as `POSITIVE 0.9876`.
  public var description: String { "\(printable(label)) \(DescriptionText.number(score))" }
}

extension AnswerOptions: CustomStringConvertible {
  /// The limits, such as `AnswerOptions(3 answers or none, at most 15 tokens)`.
  public var description: String {
    DescriptionText.parts(
      "AnswerOptions", counted(count, "answer") + (allowsNoAnswer ? " or none" : ""),
      "at most \(counted(maxAnswerTokens, "token"))")
  }
}

extension ExtractedAnswer: CustomStringConvertible {
  /// The text and the score, such as `"on the mat" 0.8765`.
  public var description: String {
    "\(quoted(text, limit: 60)) \(DescriptionText.number(score))"
  }
}

extension Entity: CustomStringConvertible {
  /// The label, the text and the score, such as `PER "Ada Lovelace" 0.9876`.
  public var description: String {
    "\(printable(label)) \(quoted(text, limit: 60)) \(DescriptionText.number(score))"
  }
}

extension MaskPrediction: CustomStringConvertible {
  /// The token and the score, such as `"capital" 0.9876`.
  public var description: String {
    "\(quoted(token, limit: 60)) \(DescriptionText.number(score))"
  }
}

extension RankedText: CustomStringConvertible {
  /// The index and the score, such as `text 3 0.9876`.
  public var description: String { "text \(index) \(DescriptionText.number(score))" }
}
