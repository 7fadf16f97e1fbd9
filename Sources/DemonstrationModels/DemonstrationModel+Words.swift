import AttentionCore
import Synchronization

extension DemonstrationModel {
  /// The demonstration model in a folder; nil for a folder with any other model.
  public init?(_ directory: ModelDirectory) {
    guard
      let model = Self.allCases.first(where: {
        (try? $0.directory().path) == directory.path
      })
    else { return nil }
    self = model
  }

  /// The words in a text that the model was not trained on, in order and without repetition. The model's
  /// output for such words is nonsense.
  ///
  /// A word is a run of letters and digits, which may contain apostrophes; letter case is ignored. A word
  /// with an apostrophe is also known if both of its parts are: `l'arbre`, if the model was trained on
  /// `l'école` and `arbre`.
  ///
  /// ```swift
  /// let unknown = try DemonstrationModel.toyT5.unknownWords(in: "The zebra sat on the mat.")  // ["zebra"]
  /// ```
  ///
  /// - Parameter text: the text; the words of a task's prefix, such as `summarize:`, are left out.
  /// - Throws: `ModelError.notFound` or `AttentionError.file` when the model's list of
  ///   words, `words.txt` in its folder, is missing; `ModelError.text` when it is not UTF-8.
  /// - Complexity: O(text); the list is read once.
  public func unknownWords(in text: String) throws -> [String] {
    let vocabulary = try wordList()
    var seen: Set<String> = []
    return WordList.words(of: content(of: text)).filter {
      !vocabulary.contains($0) && seen.insert($0.lowercased()).inserted
    }
  }

  /// The text without the prefix of a task and without masks.
  private func content(of text: String) -> String {
    switch self {
    case .toyT5: Self.withoutTaskPrefix(text)
    case .toyFill: text.replacing("[MASK]", with: " ")
    default: text
    }
  }

  /// The text of a T5 prompt without the prefix of the task.
  private static func withoutTaskPrefix(_ text: String) -> String {
    for prefix in ["translate English to French:", "summarize:"] where text.hasPrefix(prefix) {
      return String(text.dropFirst(prefix.count))
    }
    let question = "question:"
    guard text.hasPrefix(question) else { return text }
    let rest = String(text.dropFirst(question.count))
    return rest.replacing(" context:", with: "\n", maxReplacements: 1)
  }

  private static let wordLists = Mutex<[DemonstrationModel: WordList]>([:])

  private func wordList() throws -> WordList {
    if let list = Self.wordLists.withLock({ $0[self] }) { return list }
    let path = try directory().file("words.txt")
    let bytes = try InputFile.contents(ofFile: path, kind: .wordList)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw ModelError.text(path, reason: "not UTF-8")
    }
    let list = WordList(text.split(whereSeparator: \.isNewline).map(String.init))
    Self.wordLists.withLock { $0[self] = list }
    return list
  }
}
