/// Every tuned constant of the Swift code, with the trade-off and the measurement behind it. The constants
/// of the kernels in C are in `tuning.h`.
///
/// Cache sizes are those of the cores it was tuned on: 32 KB first level, 1 MB second level (AMD Zen 4),
/// 48 KB and 2 MB (Intel Emerald Rapids). "Chosen" means that the value follows from a cache size or
/// another constant, and that other values were not compared.
package enum Tuning {
  // MARK: Layers

  /// Rows of activations that a chain of layers computes at a time. More rows read each weight less often;
  /// fewer rows stay in the second-level cache from one layer to the next. Chosen: 112 is a multiple of the
  /// tile heights 4 and 14, and 112 rows of 1,536 floats take 0.7 MB.
  static let rowBlock = 112

  /// Scalars of an element-wise loop that are worth a second thread. Chosen: they take about
  /// 4 µs at 16 GB/s. A parallel region takes 0.3 µs while threads spin, and waking a sleeping thread takes
  /// 13 µs (2 shared cores, 2026-11-24).
  static let leastScalarsOfThread = 16_384

  // MARK: Threads

  enum Threads {
    /// How long a helper without work spins before it sleeps, in nanoseconds. The regions of a forward pass
    /// follow each other faster than that, while waking a thread takes 13 µs (4a4ff0c, 2026-11-24).
    static let spinTimeout: UInt64 = 100_000
  }

  // MARK: Batches

  /// The largest number of tokens of a batch of several texts. More tokens give larger matrix products;
  /// fewer leave the activations between two layers in the cache (71163aa).
  package static let batchTokens = 1_024

  // MARK: Attention

  enum Attention {
    /// Rows of a strip: queries whose scores exist at a time, rounded to the tile height. A larger strip
    /// reads panels less often; a smaller one leaves more of the first-level cache to keys, and follows a
    /// mask's diagonal more closely. Chosen: a strip of 16 rows by 512 keys is 32 KB of scores.
    static let stripRows = 16
    /// The most keys that are packed at a time. See `TileSizes` for the limits by the caches, which are
    /// lower for large head dimensions.
    static let keyBlock = 512
    /// Scalars between rows of scores. Rows a power of two apart share places in the first-level cache and
    /// evict each other. Chosen: one cache line.
    static let scoreGap = 16
    /// Queries of a block, the largest first that leaves `blocksPerThread` blocks to each thread; otherwise
    /// `leastQueryBlock`. Packing a key costs as much as scoring about ten queries, and a block packs every
    /// key once. Larger blocks than 128 came with 62d4fa5 (2026-11-24).
    static let queryBlocks = [512, 256]
    static let leastQueryBlock = 128
    static let blocksPerThread = 8

    /// The most rows, of all heads of a group, for which one query reads keys in place instead of packing
    /// them: groups of up to eight heads (370424b, 2026-11-28).
    static let directRows = 8
    /// The same for several queries, each of which reads a block of keys again.
    static let directRowsOfQueries = 4
    /// Scores of such rows that exist at a time. Chosen: 64 KB stay in the second-level cache with the
    /// keys.
    static let directScores = 1 << 14
    /// The fewest keys that such rows score at a time. Chosen: the columns of a panel.
    static let leastDirectKeys = 32

    /// Multiplications of scores and values that are worth a task of a thread. Chosen: they take about
    /// 9 µs at 60 GFLOP/s; a parallel region of two calls of 5 µs takes 6.6 µs (2026-11-24).
    static let leastCost = 1 << 18
    /// The fewest keys of a part, where the keys of one item are divided over threads. Chosen: merging a
    /// part costs a row of dv multiplications, scoring its keys at least 256 rows.
    static let leastKeysOfPart = 256
  }

  enum WeightBlocks {
    /// The attention weights of all heads that exist at a time, unless one row of each head is more.
    /// Chosen: 16 MB.
    static let capacity = 1 << 22
    /// Rows and columns of one product of scores. Chosen: large enough for the full speed of sgemm, which
    /// reaches 97 of 103 GFLOP/s at 256 × 512 × 64 (OpenBLAS 0.3.21, Zen 4).
    static let queryBlock = 128
    static let keyBlock = 512
  }

  enum Gradients {
    /// The most queries of a strip, and the fewest of a strip with many keys. A strip has all keys of its
    /// queries, since the backward pass computes the whole softmax of a row first (61a3b17, 2026-11-28).
    static let mostQueries = 128
    static let fewestQueries = 64
    /// Scores of a strip, unless `fewestQueries` rows have more. Chosen: 1 MB for each of two or three
    /// tiles, so that 128 queries see 2,048 keys.
    static let scoreCapacity = 1 << 18
    /// Keys of a block of a strip. Chosen: 128 rows by 256 keys are 128 KB, in the second-level cache
    /// through the products of a pass.
    static let keyBlock = 256
  }

  // MARK: Matrix products

  enum GeneralProduct {
    /// Columns of B and its K-block that are packed at a time. Chosen: 512 KB, half of the second-level
    /// cache.
    static let columnBlock = 512
    static let kBlock = 256
    /// Rows of A that are multiplied by one packed block, and transposed together. Chosen as
    /// `Tuning.rowBlock`.
    static let rowBlock = 112
    /// The most rows, or columns, of C for which the large operand is read in place instead of packing it.
    static let inPlaceRows = 4

    /// Multiplications of a product that are worth a second thread. Chosen: they take about 4 µs at 100
    /// GFLOP/s.
    static let leastSharedProduct = 200_000
    /// The fewest rows and columns of C for one thread: each thread packs its operands again.
    static let leastRowsOfThread = 16
    static let leastColumnsOfThread = 64
  }

  enum Portable {
    /// Rows of a panel that the portable product multiplies before it writes C. Chosen: 256 rows of 32
    /// columns are 32 KB, the first-level cache.
    static let kBlock = 256
  }

  enum Packing {
    /// Scalars of a weight that a thread reads before it packs them. Chosen: 1 MB is still in the
    /// second-level cache when it is packed.
    static let scalarsAtOnce = 1 << 18
  }

  // MARK: Memory

  enum Memory {
    /// Bytes of work memory that are kept for later calls. A thread's tiles take some hundred KB; a limit
    /// keeps one large call from holding its memory (4a4ff0c, 2026-11-24).
    static let keptBytes = 64 << 20
    /// From this size on, memory is taken in large pages of this size. Reading 90 MB of weights took 54 ms
    /// with pages of 4 KB, most of it for page faults, and 40 ms with large pages (932a9a8, 2026-11-24).
    static let largePage = 2 << 20
    /// Bytes of a block of large pages that several weights share, and of the weights that take a part of
    /// it. Finding pages of 4 KB took a tenth of the time of decoding where matrices have some hundred KB
    /// (480d904, 2026-11-25). Larger weights have large pages of their own.
    static let sharedBlock = 32 << 20
    static let sharedBlockPart = 64 << 10...8 << 20
  }
}
