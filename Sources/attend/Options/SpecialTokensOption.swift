import ArgumentParser

/// Whether the tokenizer adds its special tokens to a text.
struct SpecialTokensOption: ParsableArguments {
  @Flag(
    help: """
      Do not add special tokens such as <s> or [CLS], for texts that already contain them. Special \
      tokens in a text are always recognized.
      """)
  var noSpecialTokens = false

  var addsSpecialTokens: Bool { !noSpecialTokens }
}
