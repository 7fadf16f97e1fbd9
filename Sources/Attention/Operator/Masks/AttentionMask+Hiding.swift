/// Masks of the opposite polarity, in which true means "may not attend". These functions invert
/// them.
///
/// A boolean `attn_mask` of PyTorch's `MultiheadAttention` is `.hiding(mask)`, a boolean
/// `key_padding_mask` is `.hidingKeys(mask)`, and a `float` mask is `AttentionOptions.bias`. In
/// `scaled_dot_product_attention`, a boolean `attn_mask` means the opposite: use `.keeping(mask)`.
extension AttentionMask {
  /// Query i attends to key j unless `hide` is true at [i, j].
  ///
  /// - Parameter hide: `[query token, key token]` for all heads, or
  ///   `[head or 1, query token, key token]`. With packed sequences, tokens are counted over all
  ///   sequences.
  public static func hiding(_ hide: BooleanTensor) -> AttentionMask {
    .keeping(hide.inverted)
  }

  /// Every query attends only to the keys at which `hide` is false. Use it to hide padding.
  ///
  /// - Parameter hide: one value per key token, over all packed sequences.
  public static func hidingKeys(_ hide: [Bool]) -> AttentionMask {
    .keys(hide.map { !$0 })
  }
}
