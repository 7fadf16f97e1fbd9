import AttentionCore

extension AttentionPage {
  /// The page without its title and data, from `Resources/Page`.
  static let template = PageTemplate(
    html: PackageResources.page_html, style: PackageResources.page_css,
    scripts: [
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
    ])
}
