/// A language as users and models name it: `fr`, `fra`, `fr-CA`, `fr_XX`, `fra_Latn`, `__fr__`, `>>fra<<`.
///
/// The first part is a code of ISO 639; further parts are scripts (ISO 15924, four letters) and regions.
///
/// - Source: ISO 639-1, 639-2 and 639-3; RFC 5646 (BCP 47).
package struct LanguageCode: Sendable, Hashable {
  /// The two-letter code, if the language has one; otherwise the code as it is, in lower case.
  package let language: String
  /// The script, such as `hans`; nil if it is not given.
  package let script: String?
  /// The region, such as `br`; nil if it is not given.
  package let region: String?

  package init(_ name: String) {
    let parts = name.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
    let language = parts.first ?? ""
    self.language = Self.shortCodes[language] ?? language
    region = parts.dropFirst().first { $0.count == 2 && $0 != "xx" }
    let script = parts.dropFirst().first { $0.count == 4 }
    self.script = script ?? (language == "zh" ? region.flatMap { Self.chineseScripts[$0] } : nil)
  }

  /// Whether the two-letter code of the language is known.
  package var isKnown: Bool { Self.scripts[language] != nil || Self.known.contains(language) }

  /// The codes of a model that a name means: one, if the name is clear.
  ///
  /// A code equal to the name is preferred, then the codes of the same language: those with the same script and
  /// region, then those with the usual script of the language.
  package static func codes(_ codes: [String], meaning name: String) -> [String] {
    if let code = codes.first(where: { $0 == name }) { return [code] }
    let wanted = LanguageCode(name)
    let same = codes.map { (name: $0, code: LanguageCode($0)) }.filter {
      $0.code.language == wanted.language
        && (wanted.script == nil || $0.code.script == nil || $0.code.script == wanted.script)
    }
    let script = wanted.script ?? scripts[wanted.language]
    for isBetter in [
      { (code: LanguageCode) in code.script == wanted.script && code.region == wanted.region },
      { $0.script == script && $0.region == wanted.region },
      { ($0.script == script || $0.script == nil) && $0.region == nil },
      { $0.script == script || $0.script == nil },
    ] {
      let better = same.filter { isBetter($0.code) }
      if better.count == 1 { return better.map(\.name) }
    }
    return same.map(\.name)
  }

  // MARK: - Tables

  /// The scripts of Chinese regions.
  private static let chineseScripts = [
    "cn": "hans", "sg": "hans", "tw": "hant", "hk": "hant", "mo": "hant",
  ]

  /// The usual script of languages that models have in several scripts.
  private static let scripts = [
    "zh": "hans", "sr": "cyrl", "ks": "arab", "uz": "latn", "az": "latn", "bs": "latn",
    "kk": "cyrl",
    "mn": "cyrl", "pa": "guru", "tg": "cyrl", "tk": "latn", "tt": "cyrl", "ug": "arab",
    "ku": "latn",
  ]

  private static let known = Set(shortCodes.values)

  /// The two-letter code of each code with three letters.
  private static let shortCodes: [String: String] = {
    var codes: [String: String] = [:]
    for group in table.split(separator: ",") {
      let names = group.split(separator: " ").map(String.init)
      for name in names { codes[name] = names.first }
    }
    return codes
  }()

  /// ISO 639-1, then 639-3 and 639-2/B. A macrolanguage also has the code of its most common member.
  private static let table = """
    aa aar,ab abk,ae ave,af afr,ak aka twi,am amh,an arg,ar ara arb,as asm,av ava,ay aym ayr,az aze azj,ba bak,\
    be bel,bg bul,bi bis,bm bam,bn ben,bo bod tib,br bre,bs bos,ca cat,ce che,ch cha,co cos,cr cre,cs ces cze,\
    cu chu,cv chv,cy cym wel,da dan,de deu ger,dv div,dz dzo,ee ewe,el ell gre,en eng,eo epo,es spa,et est ekk,\
    eu eus baq,fa fas per pes,ff ful fuv,fi fin,fj fij,fo fao,fr fra fre,fy fry,ga gle,gd gla,gl glg,gn grn,\
    gu guj,gv glv,ha hau,he heb iw,hi hin,ho hmo,hr hrv,ht hat,hu hun,hy hye arm,hz her,ia ina,id ind,ie ile,\
    ig ibo,ii iii,ik ipk,io ido,is isl ice,it ita,iu iku,ja jpn,jv jav,ka kat geo,kg kon,ki kik,kj kua,kk kaz,\
    kl kal,km khm,kn kan,ko kor,kr kau knc,ks kas,ku kur kmr,kv kom,kw cor,ky kir,la lat,lb ltz,lg lug,li lim,\
    ln lin,lo lao,lt lit,lu lub,lv lav lvs,mg mlg plt,mh mah,mi mri mao,mk mkd mac,ml mal,mn mon khk,mr mar,\
    ms msa may zsm zlm,mt mlt,my mya bur,na nau,nb nob,nd nde,ne nep npi,ng ndo,nl nld dut,nn nno,no nor,nr nbl,\
    nv nav,ny nya,oc oci,oj oji,om orm gaz,or ori ory,os oss,pa pan,pi pli,pl pol,ps pus pbt,pt por,qu que quy,\
    rm roh,rn run,ro ron rum,ru rus,rw kin,sa san,sc srd,sd snd,se sme,sg sag,si sin,sk slk slo,sl slv,sm smo,\
    sn sna,so som,sq sqi alb als,sr srp,ss ssw,st sot,su sun,sv swe,sw swa swh,ta tam,te tel,tg tgk,th tha,\
    ti tir,tk tuk,tl tgl fil,tn tsn,to ton,tr tur,ts tso,tt tat,ty tah,ug uig,uk ukr,ur urd,uz uzb uzn,ve ven,\
    vi vie,vo vol,wa wln,wo wol,xh xho,yi yid ydd,yo yor,za zha,zh zho chi cmn,zu zul
    """
}
