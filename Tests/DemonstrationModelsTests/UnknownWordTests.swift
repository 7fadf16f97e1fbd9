import Foundation
import TestSupport
import Testing

import AttentionModels
@testable import DemonstrationModels

/// The words that the demonstration models do not know.
@Suite struct UnknownWordTests {
  @Test(arguments: [
    ("The cat sat on the mat.", []),
    ("the CAT Sat, on (the) \"mat\"!", []),
    ("", []), (" \n…!?", []),
    ("The zebra sat on the mat with a giraffe.", ["zebra", "with", "giraffe"]),
    // Each word once, in its first spelling.
    ("Zebra, zebra and ZEBRA", ["Zebra"]),
    // Apostrophes of every kind.
    ("The animal didn't cross; it didn’t, it didnʼt.", []),
    ("'The cat' sat on the ‘mat’. The cats' mats.", []),
    ("The cat's mat, the zebra's mat", ["cat's", "zebra's"]),
    // Numbers and other scripts.
    ("3 cats", ["3"]), ("猫 cat кошка", ["猫", "кошка"]), ("cat🎉cat", []),
    ("well-known cat-house", ["well", "known"]),
    ("Où est l'arbre ?", ["Où", "est", "l'arbre"]),
    // Prefixes of tasks are ignored.
    ("translate English to French: The zebra sat.", ["zebra"]),
    ("summarize: Anna is a wizard.", ["wizard"]),
    ("question: Where is the zebra? context: The wizard is here.", ["zebra", "wizard", "here"]),
  ])
  func `unknown words are returned in order`(text: String, words: [String]) throws {
    #expect(try DemonstrationModel.toyT5.unknownWords(in: text) == words)
  }

  @Test func `a known start and a known end of contractions make a known word`() {
    let list = WordList(["l'ami", "d'eau", "chat"])
    for word in ["l'ami", "L'eau", "d'ami", "d'chat"] { #expect(list.contains(word), "\(word)") }
    for word in ["m'eau", "chat'eau", "l'sel", "eau"] { #expect(!list.contains(word), "\(word)") }
  }

  @Test func `each model has its own list of words`() throws {
    #expect(
      try DemonstrationModel.toyGPT2.unknownWords(in: "Once upon a time there was a cat.") == [])
    #expect(try DemonstrationModel.toyGPT2.unknownWords(in: "summarize: a cat") == ["summarize"])
    #expect(try DemonstrationModel.toyT5.unknownWords(in: "a queen") == [])
    #expect(try DemonstrationModel.toyGPT2.unknownWords(in: "a queen") == ["queen"])
  }

  @Test func `every held-out example of the T5 has only known words`() throws {
    for example in try DemonstrationExample.all() {
      #expect(
        try DemonstrationModel.toyT5.unknownWords(in: example.input) == [], "\(example.input)")
    }
  }

  @Test(arguments: DemonstrationModel.allCases)
  func `the list has one word in lower case per line, sorted`(model: DemonstrationModel) throws {
    let path = try model.directory().file("words.txt")
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.last == "" && lines.count > 100)
    for line in lines.dropLast() {
      #expect(WordList.words(of: String(line)) == [String(line)], "\(line)")
      #expect(line == line.lowercased())
    }
    #expect(Set(lines).count == lines.count)
  }

  @Test func `a word with an elision is known if both of its parts are`() {
    let list = WordList(["l'école", "arbre", "aujourd'hui", "didn't", "le", "chat"])
    for word in ["l'école", "L'arbre", "l'École", "Aujourd'hui", "LE"] {
      #expect(list.contains(word), "\(word)")
    }
    for word in ["l'zèbre", "qu'arbre", "chat's", "cat", "arbre's"] {
      #expect(!list.contains(word), "\(word)")
    }
    // The same letter in one scalar or two.
    #expect(list.contains("l'e\u{301}cole"))
  }

  @Test func `demonstration models are recognized by their folders`() throws {
    for model in DemonstrationModel.allCases {
      #expect(try DemonstrationModel(model.directory()) == model)
    }
    let other = try TemporaryDirectory()
    #expect(try DemonstrationModel(ModelDirectory(path: other.path)) == nil)
  }
}
