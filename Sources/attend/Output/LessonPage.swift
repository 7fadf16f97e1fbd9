import AttentionCore

/// A lesson as one HTML file without references to others.
struct LessonPage {
  let html: String

  /// The page without its title and data, from `Resources/Lesson`.
  private static let template = PageTemplate(
    html: PackageResources.lesson_html, style: PackageResources.lesson_css,
    scripts: [
      PackageResources.lesson_00_data_js,
      PackageResources.lesson_10_elements_js,
      PackageResources.lesson_20_state_js,
      PackageResources.lesson_30_matrix_js,
      PackageResources.lesson_35_product_js,
      PackageResources.lesson_40_words_js,
      PackageResources.lesson_50_projection_js,
      PackageResources.lesson_60_attention_js,
      PackageResources.lesson_70_output_js,
      PackageResources.lesson_80_further_js,
      PackageResources.lesson_90_main_js,
    ])

  init(_ lesson: Lesson) throws {
    html = Self.template.page(
      title: "Self-attention for “\(lesson.sentence)”", data: try LessonData(lesson: lesson).json)
  }
}
