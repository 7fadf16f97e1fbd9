/// The elements of a JSON array, decoded one by one.
package struct JSONArray: Sendable, Sequence {
  let document: JSONDocument
  let index: Int

  init(document: JSONDocument, index: Int) {
    self.document = document
    self.index = index
  }

  package var isEmpty: Bool {
    document.text.firstElement(of: index) == document.text.end(of: index)
  }

  package var first: JSON? {
    var iterator = makeIterator()
    return iterator.next()
  }

  /// The number of elements.
  ///
  /// - Complexity: O(`count`).
  package var count: Int {
    var iterator = makeIterator()
    var count = 0
    while iterator.skip() { count += 1 }
    return count
  }

  /// The element at a position below `count`.
  ///
  /// - Complexity: O(`position`): use the sequence to read all elements.
  package subscript(position: Int) -> JSON {
    var iterator = makeIterator()
    for _ in 0..<position { _ = iterator.skip() }
    guard let value = iterator.next() else {
      preconditionFailure("position \(position) is out of range")
    }
    return value
  }

  package struct Iterator: IteratorProtocol {
    fileprivate let document: JSONDocument
    fileprivate let text: JSONTape
    fileprivate var index: Int
    fileprivate let end: Int

    package mutating func next() -> JSON? {
      let current = index
      return skip() ? document.value(at: current) : nil
    }

    /// Skips an element; false at the end.
    fileprivate mutating func skip() -> Bool {
      guard index < end else { return false }
      index = text.end(of: index)
      return true
    }
  }

  package func makeIterator() -> Iterator {
    let text = document.text
    return Iterator(
      document: document, text: text, index: text.firstElement(of: index), end: text.end(of: index))
  }
}
