/// The Unicode properties of each scalar that normalizers and pre-tokenizers use.
///
/// The tables are generated from Hugging Face tokenizers, because Swift has another Unicode version: a scalar
/// that is punctuation in only one of the two versions would change token ids. One lookup per scalar returns
/// all properties.
final class UnicodeData: Sendable {
  struct Properties: OptionSet, Hashable, Sendable {
    let rawValue: UInt16

    static let whitespace = Properties(rawValue: 1 << 0)
    /// Removed by BERT's cleaning: U+FFFD, control, format and private-use scalars, including some white
    /// space.
    static let removed = Properties(rawValue: 1 << 1)
    static let chinese = Properties(rawValue: 1 << 2)
    static let punctuation = Properties(rawValue: 1 << 3)
    /// Category Mn.
    static let nonspacingMark = Properties(rawValue: 1 << 4)
    /// Category M.
    static let combiningMark = Properties(rawValue: 1 << 5)
    /// `\w` of regular expressions.
    static let word = Properties(rawValue: 1 << 6)
    /// Lowercases to something other than itself.
    static let cased = Properties(rawValue: 1 << 7)
    /// Decomposes canonically, Hangul syllables included.
    static let decomposes = Properties(rawValue: 1 << 8)
    /// Has a compatibility decomposition that differs from the canonical one.
    static let decomposesCompatibly = Properties(rawValue: 1 << 9)
    /// Has a nonzero combining class: canonical ordering may move it.
    static let reorders = Properties(rawValue: 1 << 10)
    static let hangulSyllable = Properties(rawValue: 1 << 11)
  }

  /// The properties of one scalar. Mappings are ranges of `pool`.
  struct Record: Hashable, Sendable {
    var properties: Properties = []
    var combiningClass: UInt8 = 0
    var lowercaseCount: UInt8 = 0
    var canonicalCount: UInt8 = 0
    var compatibleCount: UInt8 = 0
    var lowercaseStart: UInt16 = 0
    var canonicalStart: UInt16 = 0
    var compatibleStart: UInt16 = 0
  }

  static let shared = UnicodeData()

  private let recordIndices: ScalarTable
  private let records: [Record]
  private let pool: [UInt32]
  private let compositions: [UInt64: UInt32]

  subscript(scalar: UInt32) -> Record {
    records[Int(recordIndices[scalar])]
  }

  func lowercase(_ record: Record) -> ArraySlice<UInt32> {
    let start = Int(record.lowercaseStart)
    return pool[start..<start + Int(record.lowercaseCount)]
  }

  func canonical(_ record: Record) -> ArraySlice<UInt32> {
    let start = Int(record.canonicalStart)
    return pool[start..<start + Int(record.canonicalCount)]
  }

  func compatible(_ record: Record) -> ArraySlice<UInt32> {
    let start = Int(record.compatibleStart)
    return pool[start..<start + Int(record.compatibleCount)]
  }

  /// The scalar that `first` and `second` compose to; nil if they do not compose.
  func composition(_ first: UInt32, _ second: UInt32) -> UInt32? {
    Hangul.composition(first, second)
      ?? compositions[UInt64(first) << 32 | UInt64(second)]
  }

  // MARK: - Reading the tables

  private init() {
    var properties = ScalarTable()
    func add(_ property: Properties, to scalars: ClosedRange<UInt32>) {
      properties.update(scalars) { $0 | property.rawValue }
    }
    let sets: [(StaticString, Properties)] = [
      (UnicodePropertyTables.whitespace, .whitespace),
      (UnicodePropertyTables.removed, .removed),
      (UnicodePropertyTables.chinese, .chinese),
      (UnicodePropertyTables.punctuation, .punctuation),
      (UnicodePropertyTables.nonspacingMarks, .nonspacingMark),
      (UnicodePropertyTables.combiningMarks, .combiningMark),
      (UnicodePropertyTables.word, .word),
    ]
    for (table, property) in sets {
      for range in UnicodeTableReader.ranges(table) { add(property, to: range) }
    }
    add([.hangulSyllable, .decomposes], to: ClosedRange(Hangul.syllables))

    // Each scalar with a mapping or combining class has its own record. Other scalars with the same
    // properties share one.
    var records = [Record()]
    var indices = ScalarTable()
    func setIndex(of scalars: ClosedRange<UInt32>, to index: Int) {
      indices.update(scalars) { _ in UInt16(index) }
    }
    func change(_ scalar: UInt32, _ property: Properties, _ body: (inout Record) -> Void) {
      add(property, to: scalar...scalar)
      if indices[scalar] == 0 {
        setIndex(of: scalar...scalar, to: records.count)
        records.append(Record())
      }
      body(&records[Int(indices[scalar])])
    }
    var pool: [UInt32] = []
    func add(_ parts: [UInt32]) -> (start: UInt16, count: UInt8) {
      let start = UInt16(pool.count)
      pool += parts
      return (start, UInt8(parts.count))
    }
    let lowercase =
      UnicodeTableReader.deltas(UnicodeMappingTables.lowercase)
      + UnicodeTableReader.mappings(UnicodeMappingTables.lowercaseExpansions)
    for (scalar, parts) in lowercase {
      change(scalar, .cased) { ($0.lowercaseStart, $0.lowercaseCount) = add(parts) }
    }
    for (scalar, parts) in UnicodeTableReader.mappings(UnicodeMappingTables.canonical) {
      change(scalar, .decomposes) { ($0.canonicalStart, $0.canonicalCount) = add(parts) }
    }
    for (scalar, parts) in UnicodeTableReader.mappings(UnicodeCompatibilityTables.compatible) {
      change(scalar, .decomposesCompatibly) {
        ($0.compatibleStart, $0.compatibleCount) = add(parts)
      }
    }
    for (range, combiningClass) in UnicodeTableReader.classes(
      UnicodeMappingTables.combiningClasses)
    {
      for scalar in range { change(scalar, .reorders) { $0.combiningClass = combiningClass } }
    }

    var known: [UInt16: Int] = [:]
    var scalar: UInt32 = 0
    while scalar < ScalarTable.scalarCount {
      let first = scalar
      let value = properties[first]
      let index = Int(indices[first])
      scalar += 1
      if index != 0 {
        records[index].properties = Properties(rawValue: value)
        continue
      }
      // Long ranges of scalars have the same properties.
      while scalar < ScalarTable.scalarCount, properties[scalar] == value, indices[scalar] == 0 {
        scalar += 1
      }
      guard value != 0 else { continue }
      if known[value] == nil {
        known[value] = records.count
        records.append(Record(properties: Properties(rawValue: value)))
      }
      if let index = known[value] { setIndex(of: first...scalar - 1, to: index) }
    }
    self.recordIndices = indices
    self.records = records
    self.pool = pool
    self.compositions = UnicodeTableReader.compositions(UnicodeMappingTables.compositions)
  }
}
