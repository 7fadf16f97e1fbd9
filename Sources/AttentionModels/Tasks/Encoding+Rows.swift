extension Encoding {
  /// Checks that each token has a row in the model's embedding table.
  ///
  /// A tokenizer may have more tokens than the embedding table has rows, such as BART's `<mask>`. Only
  /// texts that contain such a token throw.
  ///
  /// - Parameters:
  ///   - rowCount: the number of rows of the embedding table.
  ///   - name: the text's name in the error.
  /// - Throws: `ModelError.text` with the first token without a row, its id and the number of rows.
  func requireRows(_ rowCount: Int, named name: String) throws(ModelError) {
    guard let index = ids.firstIndex(where: { $0 >= rowCount }) else { return }
    throw .text(
      name,
      reason: "the token \(quoted(tokens[index])) has the id \(ids[index]), "
        + "out of range for the \(rowCount) rows of the model's embeddings")
  }
}
