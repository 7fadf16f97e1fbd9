import Attention

/// The names of library arguments, and the flags and files that the user typed for them: `keys` is
/// `--keys k.npy`. Errors of the library name the former, errors of a command the latter.
struct ArgumentNames {
  private let typed: [String: String]
  private let words: Set<String>

  /// - Parameters:
  ///   - typed: the flag, or the flag and its file, of each library argument.
  ///   - words: the arguments whose names mean the argument wherever the reason of an error has them.
  ///     "lengths" is an ordinary word in such a reason, "keys" is not.
  init(_ typed: [String: String], mentionedInReasons words: Set<String>) {
    self.typed = typed
    self.words = words
  }

  /// The flag of a library argument, or the argument's name where it has none.
  func flag(of argument: String) -> String { typed[argument] ?? argument }

  /// `text` with the flags of the arguments that it mentions.
  func reason(_ text: String) -> String { replacing(words, in: text) }

  /// Calls `body`; its errors about arguments name flags and files.
  func naming<Value>(_ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch AttentionError.shape(let argument, let expected, let got) {
      throw AttentionError.shape(
        argument: flag(of: argument), expected: reason(expected), got: got)
    } catch AttentionError.argument(let argument, let text) {
      throw AttentionError.argument(flag(of: argument), reason: reason(text))
    } catch AttentionError.overflow(let text) {
      throw AttentionError.overflow(replacing(Set(typed.keys), in: text))
    }
  }

  /// Replaces whole words; "queries-first" and "queries'" are other words than "queries".
  private func replacing(_ names: Set<String>, in text: String) -> String {
    var result = ""
    var word = ""
    func end(before next: Character?) {
      result += names.contains(word) && next != "'" ? flag(of: word) : word
      word = ""
    }
    for character in text {
      if character.isLetter || character.isNumber || character == "-" || character == "_" {
        word.append(character)
      } else {
        end(before: character)
        result.append(character)
      }
    }
    end(before: nil)
    return result
  }
}
