/// Masks in the other polarity, where true means "may not attend": each is turned around once, here,
/// by name.
///
/// What PyTorch's `MultiheadAttention` calls a boolean `attn_mask` is `.hiding(mask)`, its boolean
/// `key_padding_mask` is `.hidingKeys(mask)`, and a `float` mask is `AttentionOptions.bias`. The
/// `attn_mask` of its `scaled_dot_product_attention` means the opposite: that is `.keeping(mask)`.
extension AttentionMask {
  /// Query i attends to key j unless `hide` is true at [i, j].
  ///
  /// - Parameter hide: `[query token, key token]` for all heads, or `[head or 1, query token, key
  ///   token]`. With packed sequences, tokens are counted over all of them.
  public static func hiding(_ hide: BooleanTensor) -> AttentionMask {
    .keeping(hide.inverted)
  }

  /// Every query attends to the keys where `hide` is false: what hides padding.
  ///
  /// - Parameter hide: one value a key token; with packed sequences, over all of them.
  public static func hidingKeys(_ hide: [Bool]) -> AttentionMask {
    .keys(hide.map { !$0 })
  }
}
