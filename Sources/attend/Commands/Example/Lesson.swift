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

  /// The words as one text.
  var sentence: String {
    let words = attention.input.words
    return words.dropFirst().reduce(words[0]) { text, word in
      ".,;:!?)".contains(word) ? text + word : "\(text) \(word)"
    }
  }

  /// Says where the numbers of a typed sentence come from; nil for other numbers.
  var note: String? {
    source == .sentence
      ? "The embeddings and matrices are not trained: random multiples of 0.1, the same in every run."
      : nil
  }

  var title: [String] {
    ["Self-attention for \"\(LessonText.word(sentence, width: 70))\""] + (note.map { [$0] } ?? [])
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
