/// The parts of a page that do not depend on the explanation, from `Resources/Page`.
enum PageTemplate {
  /// A page with a title and data: the template, in which `{{title}}`, `{{style}}`, `{{script}}` and `{{data}}` are
  /// replaced once, so that a text may contain such words.
  ///
  /// - Parameters:
  ///   - title: text with the escapes of HTML.
  ///   - data: JSON without `<`.
  static func page(title: String, data: String) -> String {
    text(PackageResources.page_html).replacing(/\{\{(title|style|script|data)\}\}/) { match in
      switch match.output.1 {
      case "title": title
      case "style": text(PackageResources.page_css)
      case "script": scripts.map(text).joined(separator: "\n")
      default: data
      }
    }
  }

  /// The parts of the script in their order.
  private static let scripts = [
    PackageResources.page_00_data_js,
    PackageResources.page_05_side_js,
    PackageResources.page_10_elements_js,
    PackageResources.page_15_paint_js,
    PackageResources.page_20_state_js,
    PackageResources.page_30_text_js,
    PackageResources.page_35_links_js,
    PackageResources.page_40_grid_js,
    PackageResources.page_45_finder_js,
    PackageResources.page_50_matrix_js,
    PackageResources.page_55_arcs_js,
    PackageResources.page_58_head_js,
    PackageResources.page_60_steps_js,
    PackageResources.page_62_steps_view_js,
    PackageResources.page_70_vectors_js,
    PackageResources.page_72_vectors_view_js,
    PackageResources.page_80_readout_js,
    PackageResources.page_90_main_js,
  ]

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
