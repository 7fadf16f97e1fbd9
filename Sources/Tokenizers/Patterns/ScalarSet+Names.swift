/// Named sets of patterns, as defined by Oniguruma in Hugging Face tokenizers.
extension ScalarSet {
  /// `\s`.
  static let space = ScalarSet(UnicodePropertyTables.whitespace)
  /// `\d`.
  static let digit = category("Nd")
  /// `\w` in a character class: letters, marks, digits and connectors.
  static let word = ScalarSet.alphabetic.union(category("M")).union(digit).union(category("Pc"))
  /// `\w` outside of a character class: also contains the superscripts and fractions of Latin-1.
  static let wordByItself = word.union(ScalarSet([0xB2...0xB3, 0xB9...0xB9, 0xBC...0xBE]))
  /// `\h`.
  static let hexDigit = ScalarSet([0x30...0x39, 0x41...0x46, 0x61...0x66])

  private static let alphabetic = ScalarSet(UnicodeCategoryTables.alphabetic)

  /// The scalars of the general categories that start with `prefix`, such as `L` or `Lu`.
  static func category(_ prefix: String) -> ScalarSet {
    let assigned = UnicodeCategoryTables.categories.filter { $0.name.hasPrefix(prefix) }
    let set = ScalarSet(assigned.flatMap { UnicodeTableReader.ranges($0.scalars) })
    return prefix == "C" ? set.union(unassigned) : set
  }

  private static let unassigned = ScalarSet(
    UnicodeCategoryTables.categories.flatMap { UnicodeTableReader.ranges($0.scalars) }
  ).inverted

  /// The set `\p{name}`; nil for an unknown name. As in Oniguruma, case, spaces, hyphens and underscores
  /// in the name are ignored.
  static func property(_ name: String) -> ScalarSet? {
    let key = normalized(name)
    if key == "any" { return .all }
    if key == "assigned" { return unassigned.inverted }
    if key == "cn" || key == "unassigned" { return unassigned }
    if key == "lc" || key == "casedletter" {
      return category("Lu").union(category("Ll")).union(category("Lt"))
    }
    let short = categoryNames[key] ?? key
    if short.count == 1, "lmnpszc".contains(short) { return category(short.uppercased()) }
    for known in UnicodeCategoryTables.categories where known.name.lowercased() == short {
      return ScalarSet(known.scalars)
    }
    let script = scriptNames[key] ?? key
    for known in UnicodeScriptTables.scripts where normalized(known.name) == script {
      return ScalarSet(known.scalars)
    }
    return key == "punct" ? category("P") : bracketed(key)
  }

  /// The set `[:name:]` of a character class; nil for an unknown name.
  static func bracketed(_ name: String) -> ScalarSet? {
    switch name {
    case "alpha", "alphabetic": alphabetic
    case "alnum": alphabetic.union(digit)
    case "ascii": ScalarSet([0...0x7F])
    case "blank": category("Zs").union(ScalarSet([0x09]))
    case "cntrl": category("Cc")
    case "digit": digit
    case "punct": category("P").union(category("S"))
    case "space", "whitespace": space
    case "word": word
    case "xdigit": hexDigit
    default: nil
    }
  }

  private static func normalized(_ name: String) -> String {
    name.lowercased().filter { !" -_".contains($0) }
  }

  private static let categoryNames = [
    "letter": "l", "uppercaseletter": "lu", "lowercaseletter": "ll", "titlecaseletter": "lt",
    "modifierletter": "lm", "otherletter": "lo", "mark": "m", "combiningmark": "m",
    "nonspacingmark": "mn", "spacingmark": "mc", "enclosingmark": "me", "number": "n",
    "decimalnumber": "nd", "letternumber": "nl", "othernumber": "no", "punctuation": "p",
    "connectorpunctuation": "pc", "dashpunctuation": "pd", "openpunctuation": "ps",
    "closepunctuation": "pe", "initialpunctuation": "pi", "finalpunctuation": "pf",
    "otherpunctuation": "po", "symbol": "s", "mathsymbol": "sm", "currencysymbol": "sc",
    "modifiersymbol": "sk", "othersymbol": "so", "separator": "z", "spaceseparator": "zs",
    "lineseparator": "zl", "paragraphseparator": "zp", "other": "c", "control": "cc",
    "format": "cf", "privateuse": "co",
  ]

  private static let scriptNames = [
    "arab": "arabic", "cyrl": "cyrillic", "deva": "devanagari", "grek": "greek", "hang": "hangul",
    "hani": "han", "hebr": "hebrew", "hira": "hiragana", "kana": "katakana", "latn": "latin",
    "zyyy": "common", "zinh": "inherited", "qaai": "inherited",
  ]
}
