/// The operator's work, divided into items. Each thread task is a range of items.
struct AttentionWork {
  /// A block of queries and a range of keys: for all query heads of one key-value head or, with few
  /// queries, of several key-value heads.
  struct Item {
    let sequence: Int
    var keyValueHeads: Range<Int>
    let queries: Range<Int>
    var keys: Range<Int>
    /// The part of the keys; nil if the keys are not divided.
    var part: Part?
  }

  /// One of the parts of keys whose results are merged.
  struct Part {
    let index: Int
    /// The indices of all parts of the same item.
    let siblings: Range<Int>
  }

  /// Sorted by cost, the most expensive first, so that threads finish at about the same time.
  private(set) var items: [Item] = []
  /// Ranges of items, one per task.
  private(set) var shares: [Range<Int>] = []
  /// The number of partial results, and the size of the largest in scalars: m, l and O of its rows.
  private(set) var partCount = 0
  private(set) var partSize = 0

  private let group: Int
  /// dk + dv.
  private let dimension: Int

  /// - Parameter mayDivideKeys: whether the keys of an item may be computed in parts, which are then
  ///   merged.
  init(_ problem: AttentionProblem, sizes: TileSizes, threads: Int, mayDivideKeys: Bool) {
    group = problem.headCount / problem.keyValueHeadCount
    dimension = problem.keyDimension + problem.valueDimension
    for (index, sequence) in problem.sequences.enumerated() {
      for queries in blocks(of: 0..<sequence.queries.count, length: sizes.queryBlock) {
        let keys = sequence.keptKeys(queries: queries)
        // A few rows read all heads of a key together, in place.
        let isDirect = readsDirectly(queries)
        let heads = 0..<problem.keyValueHeadCount
        for heads in blocks(of: heads, length: isDirect ? heads.count : 1) {
          items.append(
            Item(sequence: index, keyValueHeads: heads, queries: queries, keys: keys))
        }
      }
    }
    if threads > 1, items.count < 2 * threads, !items.isEmpty {
      let parts = (2 * threads + items.count - 1) / items.count
      items = items.flatMap { divided($0, parts: parts, mayDivideKeys: mayDivideKeys) }
      partSize =
        items.lazy.filter { $0.part != nil }.map(rowCount).max().map {
          $0 * (problem.valueDimension + 2)
        } ?? 0
    }
    let costs = items.map(cost)
    if !zip(costs, costs.dropFirst()).allSatisfy({ $0 >= $1 }) {
      items = zip(items, costs).sorted { $0.1 > $1.1 }.map(\.0)
    }
    var (first, sum) = (0, 0)
    for (index, item) in items.enumerated() {
      sum += cost(item)
      if sum > Tuning.Attention.leastCost {
        shares.append(first..<index + 1)
        (first, sum) = (index + 1, 0)
      }
    }
    if first < items.count { shares.append(first..<items.count) }
  }

  private func readsDirectly(_ queries: Range<Int>) -> Bool {
    AttentionBlock.readsDirectly(queryCount: queries.count, groupSize: group)
  }

  private func rowCount(_ item: Item) -> Int {
    group * item.keyValueHeads.count * item.queries.count
  }

  /// The cost in multiplications. Few rows are memory-bound: a key costs at least as much as it does
  /// for eight rows.
  private func cost(_ item: Item) -> Int {
    let rows = group * item.queries.count
    return max(rows, 8) * item.keyValueHeads.count * (item.keys.count + 16) * dimension
  }

  /// Divides an item with few queries and many keys by heads, then by keys (as flash-decoding does),
  /// so that one query with a long cache uses all threads. Heads are divided first, because they need
  /// no merging.
  private mutating func divided(_ item: Item, parts: Int, mayDivideKeys: Bool) -> [Item] {
    let parts = min(parts, cost(item) / Tuning.Attention.leastCost)
    guard readsDirectly(item.queries), parts > 1 else { return [item] }
    let headParts = min(parts, item.keyValueHeads.count)
    let keyParts =
      mayDivideKeys ? min(parts / headParts, item.keys.count / Tuning.Attention.leastKeysOfPart) : 1
    var divided: [Item] = []
    for heads in evenParts(of: item.keyValueHeads, count: headParts) {
      var share = item
      share.keyValueHeads = heads
      guard keyParts > 1 else {
        divided.append(share)
        continue
      }
      let siblings = partCount..<partCount + keyParts
      for (index, keys) in zip(siblings, evenParts(of: item.keys, count: keyParts)) {
        share.keys = keys
        share.part = Part(index: index, siblings: siblings)
        divided.append(share)
      }
      partCount = siblings.upperBound
    }
    return divided
  }
}
