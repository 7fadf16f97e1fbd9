/// The parts of a lesson's page that do not depend on the lesson, from `Resources/Lesson`.
enum LessonTemplate {
  /// The page with `{{title}}`, `{{style}}`, `{{script}}` and `{{data}}`.
  static var template: String { text(PackageResources.lesson_html) }
  static var style: String { text(PackageResources.lesson_css) }
  /// The parts of the script in their order.
  static var script: String { scripts.map(text).joined(separator: "\n") }

  private static let scripts = [
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
  ]

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
