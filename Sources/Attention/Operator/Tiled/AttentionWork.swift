/// The operator's work, cut into items that threads can take, and those into shares of a size worth
/// taking.
struct AttentionWork {
  /// A block of queries of all the heads that read one key-value head, against some keys.
  struct Item {
    let sequence: Int
    let keyValueHead: Int
    let queries: Range<Int>
    let keys: Range<Int>
    /// For keys divided into parts: which of all parts this is, and how many make up the item.
    var part: Int?
    var partCount = 1

    /// In scores.
    var cost: Int { queries.count * (keys.count + 16) }
  }

  /// The most expensive first, so that what is left at the end is small; parts of one item together.
  private(set) var items: [Item] = []
  /// Runs of items.
  private(set) var shares: [Range<Int>] = []
  /// How many partial results there are, and the scalars of each: m, l and O of its rows.
  private(set) var partCount = 0
  let partSize: Int

  /// - Parameter mayDivideKeys: whether an item's keys may be computed in parts, which are then merged
  ///   by their log-sum-exp.
  init(_ problem: AttentionProblem, sizes: TileSizes, threads: Int, mayDivideKeys: Bool) {
    let group = problem.headCount / problem.keyValueHeadCount
    let rowLimit = AttentionBlock.directRows
    partSize = rowLimit * (problem.valueDimension + 2)
    for (index, sequence) in problem.sequences.enumerated() {
      for queries in blocks(of: 0..<sequence.queries.count, length: sizes.queryBlock) {
        let keys = sequence.keptKeys(queries: queries)
        for head in 0..<problem.keyValueHeadCount {
          items.append(Item(sequence: index, keyValueHead: head, queries: queries, keys: keys))
        }
      }
    }
    if mayDivideKeys, threads > 1, items.count < 2 * threads {
      divideKeys(
        rows: rowLimit / group, parts: (2 * threads + items.count - 1) / max(1, items.count))
    }
    if !zip(items, items.dropFirst()).allSatisfy({ $0.cost >= $1.cost }) {
      items.sort { $0.cost > $1.cost }
    }
    // A share of less than some ten microseconds costs more to take than it balances.
    let scoreCost = group * (problem.keyDimension + problem.valueDimension)
    var (first, cost) = (0, 0)
    for (index, item) in items.enumerated() {
      cost += item.cost * scoreCost
      if cost > 1 << 20 {
        shares.append(first..<index + 1)
        (first, cost) = (index + 1, 0)
      }
    }
    if first < items.count { shares.append(first..<items.count) }
  }

  /// Divides the keys of items that have few queries and many keys: one query against a long cache
  /// would else keep one thread busy.
  private mutating func divideKeys(rows: Int, parts: Int) {
    let least = 256
    var divided: [Item] = []
    for item in items {
      let count = min(parts, item.keys.count / least)
      guard item.queries.count <= rows, count > 1 else {
        divided.append(item)
        continue
      }
      for part in 0..<count {
        let keys = (item.keys.count * part / count)..<(item.keys.count * (part + 1) / count)
        divided.append(
          Item(
            sequence: item.sequence, keyValueHead: item.keyValueHead, queries: item.queries,
            keys: keys.shifted(by: item.keys.lowerBound), part: partCount, partCount: count))
        partCount += 1
      }
    }
    items = divided
  }
}
