import Attention

/// One step of a lesson.
protocol LessonStep {
  /// The text of the step, which begins with a sentence for the number of the step, and its tables.
  func lines() throws -> [String]
}

/// The steps of self-attention for some words.
struct Lesson {
  /// Where the numbers come from.
  enum Source {
    /// The classic example, whose weights are nearly equal.
    case classic
    /// A typed sentence, with random numbers.
    case sentence
    /// A file of matrices.
    case file
  }

  let attention: LessonAttention
  let source: Source

  var title: [String] {
    let words = attention.input.words
    let sentence = words.dropFirst().reduce(words[0]) { text, word in
      ".,;:!?)".contains(word) ? text + word : "\(text) \(word)"
    }
    return ["Self-attention for \"\(LessonText.word(sentence, width: 70))\""]
      + (source == .sentence
        ? [
          "The embeddings and matrices are not trained: random multiples of 0.1, the same in every run."
        ]
        : [])
  }

  func steps() throws -> [any LessonStep] {
    var steps: [any LessonStep] = [ProjectionStep(input: attention.input)]
    if attention.heads.count > 1 { steps.append(SplitStep(attention: attention)) }
    steps.append(FocusStep(attention: attention))
    for head in attention.heads.indices {
      steps.append(HeadStep(attention: attention, index: head))
    }
    if attention.heads.count > 1 || attention.projected != nil {
      steps.append(JoinStep(attention: attention))
    }
    if source == .classic { steps.append(try SharpStep(options: attention.options)) }
    if !attention.options.isScaled { steps.append(SaturationStep()) }
    return steps + [BackendStep(attention: attention), TogetherStep()]
  }
}
