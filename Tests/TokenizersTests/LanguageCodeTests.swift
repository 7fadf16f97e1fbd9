import Testing

@testable import Tokenizers

@Suite struct LanguageCodeTests {
  private static let nllb = [
    "arb_Arab", "eng_Latn", "fra_Latn", "ita_Latn", "kas_Arab", "kas_Deva", "mni_Beng", "nob_Latn",
    "npi_Deva", "por_Latn", "srp_Cyrl", "zho_Hans", "zho_Hant", "zsm_Latn",
  ]
  private static let mbart = ["ar_AR", "en_XX", "fr_XX", "ne_NP", "pt_XX", "zh_CN"]
  private static let marian = [
    "cmn_Hans", "cmn_Hant", "fra", "pt_br", "pt", "srp_Cyrl", "srp_Latn",
  ]

  @Test(arguments: [
    ("fr", "fra_Latn"), ("fra", "fra_Latn"), ("fre", "fra_Latn"), ("FR", "fra_Latn"),
    ("fr-CA", "fra_Latn"), ("fr_XX", "fra_Latn"), ("__fr__", "fra_Latn"), ("ar", "arb_Arab"),
    ("no", ""), ("nb", "nob_Latn"), ("ne", "npi_Deva"), ("ms", "zsm_Latn"), ("zh", "zho_Hans"),
    ("zh-TW", "zho_Hant"), ("zh_Hant", "zho_Hant"), ("cmn_Hant", "zho_Hant"), ("zh_CN", "zho_Hans"),
    ("mni", "mni_Beng"), ("pt_BR", "por_Latn"), ("sr", "srp_Cyrl"), ("sr_Latn", ""), ("de", ""),
    ("", ""), ("_", ""), ("ks", "kas_Arab"), ("ks-Deva", "kas_Deva"), ("French", ""),
  ])
  func `a name means a code of NLLB`(name: String, code: String) {
    #expect(LanguageCode.codes(Self.nllb, meaning: name) == (code.isEmpty ? [] : [code]))
  }

  @Test(arguments: [
    ("fr", "fr_XX"), ("fra_Latn", "fr_XX"), ("ara", "ar_AR"), ("arb_Arab", "ar_AR"),
    ("pt-BR", "pt_XX"), ("zh", "zh_CN"), ("zho_Hans", "zh_CN"), ("zh-Hant", ""),
    ("npi_Deva", "ne_NP"),
  ])
  func `a name means a code of mBART`(name: String, code: String) {
    #expect(LanguageCode.codes(Self.mbart, meaning: name) == (code.isEmpty ? [] : [code]))
  }

  @Test(arguments: [
    ("fr", "fra"), (">>fra<<", "fra"), ("zh", "cmn_Hans"), ("pt", "pt"), ("pt-BR", "pt_br"),
    ("pt-PT", "pt"), ("sr", "srp_Cyrl"), ("sr-Latn", "srp_Latn"),
  ])
  func `a name means a code of Marian`(name: String, code: String) {
    #expect(LanguageCode.codes(Self.marian, meaning: name) == [code])
  }

  @Test func `a name of several codes means all of them`() {
    #expect(
      LanguageCode.codes(["ace_Arab", "ace_Latn"], meaning: "ace") == ["ace_Arab", "ace_Latn"])
    #expect(LanguageCode.codes(["ace_Arab", "ace_Latn"], meaning: "ace_Arab") == ["ace_Arab"])
  }

  @Test func `groups of languages are not known languages`() {
    #expect(LanguageCode("eng").isKnown && LanguageCode("zh").isKnown)
    #expect(!LanguageCode("mul").isKnown && !LanguageCode("roa").isKnown)
  }
}
