import Attention

/// One step of a lesson.
protocol LessonStep {
  /// The text of the step, which begins with a sentence for the number of the step, and its tables.
  func lines() throws -> [String]
}

/// The steps of self-attention for some words.
struct Lesson {
  let attention: LessonAttention
  /// Whether the words are those of the classic example, whose weights are nearly equal.
  let isClassic: Bool

  var title: String {
    let words = attention.input.words
    let sentence = words.dropFirst().reduce(words[0]) { text, word in
      ".,;:!?)".contains(word) ? text + word : "\(text) \(word)"
    }
    return "Self-attention for \"\(LessonText.word(sentence, width: 70))\""
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
    if isClassic { steps.append(try SharpStep(options: attention.options)) }
    if !attention.options.isScaled { steps.append(SaturationStep()) }
    return steps + [BackendStep(attention: attention), TogetherStep()]
  }
}
