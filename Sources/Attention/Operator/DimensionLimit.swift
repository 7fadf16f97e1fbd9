/// Limits of sizes that are arguments, not the shape of a tensor: the caller allocated no memory of such a size yet.
///
/// They are far beyond the sizes of all models, so that a wrong number causes an error, not an allocation of
/// gigabytes.
enum DimensionLimit {
  /// The number of heads.
  static let heads = 1 << 20
  /// The number of features of a head.
  static let headDimension = 1 << 20
}
