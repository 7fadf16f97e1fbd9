import AttentionCore

/// A lesson as one HTML file without references to others.
struct LessonPage {
  let html: String

  init(_ lesson: Lesson) throws {
    let title = "Self-attention for “\(lesson.sentence)”"
    let data = try LessonData(lesson: lesson).json
    html = LessonTemplate.template
      .replacing("{{title}}", with: Self.escaped(title))
      .replacing("{{style}}", with: LessonTemplate.style)
      .replacing("{{script}}", with: LessonTemplate.script)
      // Last, so that no word of the lesson is taken for a placeholder.
      .replacing("{{data}}", with: data.replacing("<", with: "\\u003c"))
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing("\"", with: "&quot;")
      // A word of a file can be a placeholder.
      .replacing("{{", with: "&#123;{")
  }
}
