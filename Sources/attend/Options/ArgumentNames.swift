import Attention

/// Maps argument names of the library to the flags and files that the user typed, such as `keys` to
/// `--keys k.npy`, so that the errors of a command name flags.
struct ArgumentNames {
  private let typed: [String: String]
  private let words: Set<String>

  /// - Parameters:
  ///   - typed: the flag, or the flag and its file, of each library argument.
  ///   - words: the argument names that are also replaced in the reason of an error. In a reason, "keys"
  ///     always means the argument, but "lengths" may be an ordinary word.
  init(_ typed: [String: String], mentionedInReasons words: Set<String>) {
    self.typed = typed
    self.words = words
  }

  /// The flag of a library argument, or the argument's name if it has no flag.
  func flag(of argument: String) -> String { typed[argument] ?? argument }

  /// `text` with argument names replaced by their flags.
  func reason(_ text: String) -> String { replacing(words, in: text) }

  /// Calls `body` and makes its errors about arguments name flags and files.
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

  /// Replaces whole words only: "queries", but not "queries-first" or "queries'".
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
