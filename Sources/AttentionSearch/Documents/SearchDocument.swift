/// A text to be found, with a name that is unique in its index.
public struct SearchDocument: Sendable, Hashable {
  /// The name, such as a path. Adding a document replaces the document of the same name.
  public var name: String
  /// The text; may be empty.
  public var text: String
  /// Values that the index stores with the document and returns with each result, such as a title.
  public var metadata: [String: String]

  /// A document.
  public init(name: String, text: String, metadata: [String: String] = [:]) {
    (self.name, self.text, self.metadata) = (name, text, metadata)
  }
}
