/// The members of a JSON object in the order of the file, with lookup by key.
///
/// Keys are equal if their UTF-8 bytes are equal. `String` would treat "é" as one scalar and "e" with a
/// combining accent as equal keys.
package struct JSONObject: Sendable {
  package struct Member: Sendable {
    package let key: String
    package let value: JSON
  }

  /// nil for an object without members that is in no document.
  let document: JSONDocument?
  let index: Int

  /// An object without members.
  package init() {
    document = nil
    index = 0
  }

  init(document: JSONDocument, index: Int) {
    self.document = document
    self.index = index
  }

  /// The number of members.
  ///
  /// - Complexity: O(`count`).
  package var count: Int { members.reduce(into: 0) { count, _ in count += 1 } }

  /// The members, decoded one by one.
  package var members: Members { Members(document: document, index: index) }

  package var keys: some Sequence<String> { members.lazy.map(\.key) }

  /// The value of the member `key`, which may be `.null`; nil if there is no such member.
  package subscript(key: String) -> JSON? {
    guard let document, let place = document.value(of: key, inObjectAt: index) else { return nil }
    return document.value(at: place)
  }

  package struct Members: Sequence {
    fileprivate let document: JSONDocument?
    fileprivate let index: Int

    package struct Iterator: IteratorProtocol {
      fileprivate let document: JSONDocument?
      fileprivate var index = 0
      fileprivate var end = 0

      package mutating func next() -> Member? {
        guard let document, index < end else { return nil }
        let text = document.text
        let key = text.string(at: text.position(index))
        let value = document.value(at: index + 1)
        index = text.end(of: index + 1)
        return Member(key: key, value: value)
      }
    }

    package func makeIterator() -> Iterator {
      guard let document else { return Iterator(document: nil) }
      let text = document.text
      return Iterator(
        document: document, index: text.firstElement(of: index), end: text.end(of: index))
    }
  }
}
