extension Sequence {
  /// The elements in the order of their keys; elements with equal keys keep their order, which `sorted` does not
  /// promise.
  package func stablySorted<Key: Comparable>(
    by key: (Element) -> Key, _ precedes: (Key, Key) -> Bool
  ) -> [Element] {
    map { (key: key($0), element: $0) }.enumerated().sorted {
      $0.element.key == $1.element.key
        ? $0.offset < $1.offset : precedes($0.element.key, $1.element.key)
    }.map(\.element.element)
  }
}
