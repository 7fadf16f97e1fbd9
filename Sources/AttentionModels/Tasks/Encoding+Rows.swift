extension Encoding {
  /// Checks that each token has a row in a model's table of embeddings.
  ///
  /// A tokenizer may have more tokens than the model has rows, such as BART's `<mask>`: only a text
  /// that contains one of them is refused.
  ///
  /// - Parameters:
  ///   - rowCount: the number of rows.
  ///   - name: the text's name in the error.
  /// - Throws: `ModelError.text` with the first token without a row, its id and the number of rows.
  func requireRows(_ rowCount: Int, named name: String) throws(ModelError) {
    guard let index = ids.firstIndex(where: { $0 >= rowCount }) else { return }
    throw .text(
      name,
      reason: "the token \(printable(tokens[index]).debugDescription) has the id \(ids[index]), "
        + "out of range for the \(rowCount) rows of the model's embeddings")
  }
}
