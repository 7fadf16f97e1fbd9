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
    var direct: [Item] = []
    for (index, sequence) in problem.sequences.enumerated() where !sequence.queries.isEmpty {
      let all = 0..<sequence.queries.count
      if AttentionBlock.readsDirectly(queryCount: all.count, groupSize: group) {
        // A few rows read all heads of a key together, in place.
        direct.append(
          Item(
            sequence: index, keyValueHeads: 0..<problem.keyValueHeadCount, queries: all,
            keys: sequence.keptKeys(queries: all)))
        continue
      }
      for queries in evenBlocks(of: all, atMost: sizes.queryBlock) {
        let keys = sequence.keptKeys(queries: queries)
        for head in 0..<problem.keyValueHeadCount {
          items.append(
            Item(sequence: index, keyValueHeads: head..<head + 1, queries: queries, keys: keys))
        }
      }
    }
    let keyParts = { mayDivideKeys ? Self.keyPartCount($0.keys) : 1 } as (Item) -> Int
    let count = items.count + direct.reduce(0) { $0 + keyParts($1) }
    // Divide the heads only if there is too little work otherwise: each share reads every key again.
    let headParts = threads > 1 && count > 0 ? (2 * threads + count - 1) / count : 1
    for item in direct {
      for share in dividedByHeads(item, parts: headParts) {
        items += dividedByKeys(share, parts: keyParts(share))
      }
    }
    partSize =
      items.lazy.filter { $0.part != nil }.map(rowCount).max().map {
        $0 * (sizes.outputStride + 2)
      } ?? 0
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

  private func rowCount(_ item: Item) -> Int {
    group * item.keyValueHeads.count * item.queries.count
  }

  /// The cost in multiplications. Few rows are memory-bound: a key costs at least as much as it does
  /// for eight rows.
  private func cost(_ item: Item) -> Int {
    let rows = group * item.queries.count
    return max(rows, 8) * item.keyValueHeads.count * (item.keys.count + 16) * dimension
  }

  /// The number of parts in which few queries read these keys. It depends on nothing else, so that a
  /// row has the same bits with any number of threads.
  private static func keyPartCount(_ keys: Range<Int>) -> Int {
    max(1, (keys.count + Tuning.Attention.partLength - 1) / Tuning.Attention.partLength)
  }

  /// Divides an item by its keys, as flash-decoding does, so that one query with a long cache uses all
  /// threads.
  private mutating func dividedByKeys(_ item: Item, parts: Int) -> [Item] {
    guard parts > 1 else { return [item] }
    let siblings = partCount..<partCount + parts
    partCount = siblings.upperBound
    return zip(siblings, evenParts(of: item.keys, count: parts)).map { index, keys in
      var share = item
      share.keys = keys
      share.part = Part(index: index, siblings: siblings)
      return share
    }
  }

  /// Divides an item by its heads into at most `parts` items.
  private func dividedByHeads(_ item: Item, parts: Int) -> [Item] {
    let parts = min(parts, cost(item) / Tuning.Attention.leastCost, item.keyValueHeads.count)
    guard parts > 1 else { return [item] }
    return evenParts(of: item.keyValueHeads, count: parts).map { heads in
      var share = item
      share.keyValueHeads = heads
      return share
    }
  }
}
