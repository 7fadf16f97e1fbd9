import Attention

extension StateDictionary: CustomStringConvertible {
  /// The number of tensors and the first names, such as `StateDictionary(2 tensors ["bias", "weight"])`.
  public var description: String {
    let shown = DescriptionText.list(names.lazy.map { quoted($0, limit: 60) }, limit: 4)
    return "StateDictionary(\(counted(names.count, "tensor")) \(shown))"
  }
}
