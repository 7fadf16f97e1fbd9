/// A trie of byte strings, in two flat arrays.
///
/// A node stands for a prefix of at least two strings, or is the root. A prefix of a single string has no node: its
/// edge leads to the string, and the rest of the string is compared with the text. Thus a trie takes about ten bytes
/// per string in addition to the strings, and nothing in it depends on a hash that a hostile file could exploit.
///
/// A link is a node, or a string with `stringBit`. A node that ends no string and has one child takes one place: its
/// links have `singleBit`, and its index n has the label and the link of the edge. The other nodes, with c children:
///
/// | index | `labels` | `links` |
/// | --- | --- | --- |
/// | n | c − 1 | the string that ends at the node, or `none` |
/// | n + 1, only if c > `scanLimit` | the smallest label | the start of the node's table in `ranks` |
/// | the next c | the first byte of each edge, ascending | a link |
struct ByteTrie: Sendable {
  /// The index of a string that the trie does not contain.
  static let none: UInt32 = .max

  private static let stringBit: UInt32 = 1 << 31
  private static let singleBit: UInt32 = 1 << 30
  /// The number of children up to which the labels are scanned. For more children, `ranks` gives the place of a
  /// label: one byte for each value from the smallest to the largest label.
  private static let scanLimit = 8

  let strings: ByteStrings
  private var labels: [UInt8] = []
  private var links: [UInt32] = []
  private var ranks: [UInt8] = []
  private var rootLink = none
  /// The number of different strings, without the empty string.
  let count: Int

  /// Which one counts of several equal strings.
  enum Duplicate {
    case first
    case last
  }

  /// The trie of all strings that are not empty.
  ///
  /// - Complexity: O(length of all strings) for any input.
  init(_ strings: ByteStrings, keeping duplicate: Duplicate) {
    self.strings = strings
    let order = ByteStringOrder.indices(of: strings, keeping: duplicate)
    count = order.count
    var size = Size()
    Self.forEachNode(strings, order) { value, children, _ in
      size.add(value, children)
      return 0
    }
    labels = Array(repeating: 0, count: size.entryCount)
    links = Array(repeating: Self.none, count: size.entryCount)
    ranks = Array(repeating: 0, count: size.rankCount)
    size = Size()
    Self.forEachNode(strings, order) { value, children, parent in
      let node = size.entryCount
      let start = write(value, children, order, at: node, ranksAt: size.rankCount)
      if parent == nil { rootLink = Self.isSingle(value, children) ? Self.singleBit : 0 }
      if let parent {
        links[parent] = UInt32(node) | (Self.isSingle(value, children) ? Self.singleBit : 0)
      }
      size.add(value, children)
      return start
    }
  }

  init() { self.init(ByteStrings(), keeping: .first) }

  /// The memory of the trie and its strings.
  var byteCount: Int {
    strings.byteCount + labels.count + MemoryLayout<UInt32>.stride * links.count + ranks.count
  }

  // MARK: - Construction

  /// An edge during construction: its first byte, and the range of its strings in the sorted order.
  private struct Edge {
    var label: UInt8
    var strings: Range<Int>
  }

  /// The sizes of the arrays.
  private struct Size {
    var entryCount = 0
    var rankCount = 0

    mutating func add(_ value: UInt32, _ children: [Edge]) {
      entryCount += children.count
      guard !ByteTrie.isSingle(value, children) else { return }
      entryCount += 1
      guard children.count > ByteTrie.scanLimit else { return }
      entryCount += 1
      rankCount += ByteTrie.rankCount(children)
    }
  }

  private static func isSingle(_ value: UInt32, _ children: [Edge]) -> Bool {
    value == none && children.count == 1
  }

  private static func rankCount(_ children: [Edge]) -> Int {
    guard let first = children.first, let last = children.last else { return 0 }
    return Int(last.label) - Int(first.label) + 1
  }

  /// Calls `body` with the value, the edges and the parent's link of each node, parents first.
  ///
  /// - Parameter body: returns the index in `links` of the node's first edge.
  private static func forEachNode(
    _ strings: ByteStrings, _ order: [UInt32],
    _ body: (_ value: UInt32, _ children: [Edge], _ parent: Int?) -> Int
  ) {
    guard !order.isEmpty else { return }
    let bytes = strings.bytes.span
    let order = order.span
    var waiting: [(strings: Range<Int>, depth: Int, parent: Int?)] = [(0..<order.count, 0, nil)]
    var children: [Edge] = []
    var cancellation = CancellationSteps()
    while let (range, depth, parent) = waiting.popLast() {
      var place = range.lowerBound
      var value = none
      if strings[Int(order[place])].count == depth {
        value = order[place]
        place += 1
      }
      children.removeAll(keepingCapacity: true)
      while place < range.upperBound {
        if cancellation.isRequested() { return }
        let label = bytes[strings[Int(order[place])].lowerBound + depth]
        let start = place
        repeat {
          place += 1
        } while place < range.upperBound
          && bytes[strings[Int(order[place])].lowerBound + depth] == label
        children.append(Edge(label: label, strings: start..<place))
      }
      let firstEdge = body(value, children, parent)
      for (index, child) in children.enumerated() where child.strings.count > 1 {
        waiting.append((child.strings, depth + 1, firstEdge + index))
      }
    }
  }

  /// Writes a node without the links to other nodes. Returns the index of the first edge.
  private mutating func write(
    _ value: UInt32, _ children: [Edge], _ order: [UInt32], at node: Int, ranksAt table: Int
  ) -> Int {
    var start = node
    if !Self.isSingle(value, children) {
      links[node] = value
      labels[node] = UInt8(children.count - 1)
      start += 1
    }
    if children.count > Self.scanLimit {
      links[start] = UInt32(table)
      labels[start] = children[0].label
      start += 1
    }
    for (index, child) in children.enumerated() {
      labels[start + index] = child.label
      if child.strings.count == 1 {
        links[start + index] = Self.stringBit | order[child.strings.lowerBound]
      }
      if children.count > Self.scanLimit {
        ranks[table + Int(child.label) - Int(children[0].label)] = UInt8(index)
      }
    }
    return start
  }
}

// MARK: - Search

extension ByteTrie {
  /// A place in the trie: what the bytes up to here lead to.
  struct Place: Sendable {
    /// A node, a string with `stringBit`, or `none`.
    fileprivate var link: UInt32
    /// The number of bytes that lead here.
    fileprivate var depth: Int
  }

  /// Before the first byte.
  var root: Place { Place(link: rootLink, depth: 0) }

  /// The place after the bytes of `prefix`.
  func place(after prefix: some Sequence<UInt8>) -> Place {
    var place = root
    for byte in prefix { advance(&place, byte) }
    return place
  }

  /// Moves along the edge of `byte`, or to `none`.
  @inline(__always)
  func advance(_ place: inout Place, _ byte: UInt8) {
    guard place.link != Self.none else { return }
    if place.link & Self.stringBit == 0 {
      place.link = link(from: place.link, byte)
    } else {
      let range = strings[Int(place.link & ~Self.stringBit)]
      let index = range.lowerBound + place.depth
      if index >= range.upperBound || strings.bytes.span[index] != byte { place.link = Self.none }
    }
    place.depth += 1
  }

  /// The string whose last byte leads to `place`, or `none`.
  @inline(__always)
  func string(at place: Place) -> UInt32 {
    if place.link == Self.none { return Self.none }
    if place.link < Self.singleBit { return links[Int(place.link)] }
    if place.link < Self.stringBit { return Self.none }
    let index = place.link & ~Self.stringBit
    return strings[Int(index)].count == place.depth ? index : Self.none
  }

  /// The index of the string `bytes`, or `none`.
  func index(of bytes: some Sequence<UInt8>) -> UInt32 { string(at: place(after: bytes)) }

  /// The index of the string `bytes`, or `none`.
  @inline(__always)
  func index(of bytes: Span<UInt8>) -> UInt32 {
    var found = Self.none
    forEachMatch(in: bytes, from: 0, to: bytes.count, after: root) { string, end in
      if end == bytes.count { found = string }
    }
    return found
  }

  /// Whether any string starts with `byte`.
  func hasString(startingWith byte: UInt8) -> Bool {
    link(from: root.link, byte) != Self.none
  }

  /// The index and the end of the longest string that starts at `start` and ends at or before `end`;
  /// `none` and `start` if there is no match.
  @inline(__always)
  func longestMatch(
    in bytes: Span<UInt8>, from start: Int, to end: Int, after place: Place
  ) -> (string: UInt32, end: Int) {
    var best = (string: Self.none, end: start)
    forEachMatch(in: bytes, from: start, to: end, after: place) { best = ($0, $1) }
    return best
  }

  /// Calls `body` with the index and the end of each string that starts at `start` and ends at or before
  /// `end`, the shortest first.
  ///
  /// - Parameter place: where the search starts. After a prefix, the matches are those of the strings with this
  ///   prefix, without it.
  @inline(__always)
  func forEachMatch(
    in bytes: Span<UInt8>, from start: Int, to end: Int, after place: Place,
    _ body: (UInt32, Int) -> Void
  ) {
    var link = place.link
    var index = start
    let links = links.span
    while link < Self.stringBit {
      guard index < end else { return }
      link = self.link(from: link, bytes[index])
      index += 1
      if link < Self.singleBit {
        let value = links[Int(link)]
        if value != Self.none { body(value, index) }
      }
    }
    guard link != Self.none else { return }
    // The only string with these bytes at its start: compare the rest.
    let string = link & ~Self.stringBit
    let range = strings[Int(string)]
    let texts = strings.bytes.span
    var rest = range.lowerBound + place.depth + (index - start)
    guard range.upperBound - rest <= end - index else { return }
    while rest < range.upperBound {
      if texts[rest] != bytes[index] { return }
      rest += 1
      index += 1
    }
    if index > start { body(string, index) }
  }

  /// The link of the edge `byte` of a node, or `none`.
  ///
  /// - Parameter link: to the node, or `none`.
  @inline(__always)
  private func link(from link: UInt32, _ byte: UInt8) -> UInt32 {
    let labels = labels.span
    let links = links.span
    if link >= Self.singleBit {
      guard link != Self.none else { return Self.none }
      let edge = Int(link & ~Self.singleBit)
      return labels[edge] == byte ? links[edge] : Self.none
    }
    let node = Int(link)
    let count = Int(labels[node]) + 1
    if count <= Self.scanLimit {
      var index = node + 1
      let end = index + count
      while index < end {
        if labels[index] == byte { return links[index] }
        index += 1
      }
      return Self.none
    }
    let rank = Int(byte) - Int(labels[node + 1])
    let last = Int(labels[node + 1 + count])
    guard rank >= 0, Int(byte) <= last else { return Self.none }
    let index = node + 2 + Int(ranks.span[Int(links[node + 1]) + rank])
    return labels[index] == byte ? links[index] : Self.none
  }
}
