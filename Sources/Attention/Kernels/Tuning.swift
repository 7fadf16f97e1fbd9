import Dispatch

/// Every tuned constant of the Swift code, with the trade-off and the measurement behind it. The
/// constants of the C kernels are in `tuning.h`.
///
/// The code was tuned on cores with a first-level cache of 32 KB and a second-level cache of 1 MB
/// (AMD Zen 4), and of 48 KB and 2 MB (Intel Emerald Rapids). "Chosen" means that the value follows
/// from a cache size or another constant, and that other values were not compared.
package enum Tuning {
  // MARK: Layers

  /// Rows of activations that a chain of layers computes at a time. More rows read each weight less often;
  /// fewer rows stay in the second-level cache from one layer to the next: 144 rows of 1,536 floats take 0.9
  /// MB. Measured, all-MiniLM-L6-v2, relative to 112 rows: 128 tokens 1.02, 8 × 128 tokens 1.015, 32 × 128
  /// tokens 1.00 (Zen 4, 2026-11-29).
  static let rowBlock = 144
  /// Rows that the experts of a mixture compute at a time, which limits their work memory: with Mixtral's sizes,
  /// 67 MB. Chosen: large enough that a product with an expert's weights is compute-bound.
  static let expertRows = 512

  /// The number of panels of weights that a thread multiplies between two checks for cancellation: a
  /// multiple of `BLAS.finishedPanels`. Chosen: 144 rows of 8 panels with 4,096 inputs are 3 ms at 100
  /// GFLOP/s.
  static let panelsBetweenChecks = 8

  /// The minimum number of scalars per thread in an element-wise loop. Chosen: they take about 4 µs
  /// at 16 GB/s. A parallel region takes 0.3 µs while threads spin, and waking a sleeping thread
  /// takes 13 µs (2 shared cores, 2026-11-24).
  static let leastScalarsOfThread = 16_384

  // MARK: Threads

  enum Threads {
    /// How long a helper without work spins before it sleeps, in nanoseconds. The regions of a forward pass
    /// follow each other faster than that, while waking a thread takes 13 µs (4a4ff0c, 2026-11-24).
    static let spinTimeout: UInt64 = 100_000
    /// How often a thread that waits for its helpers looks for cancellation, which must end all work within 50
    /// ms. Chosen.
    static let cancellationInterval = DispatchTimeInterval.milliseconds(5)
    /// The maximum length of a thread's range, as a multiple of its minimum length. Chosen: with
    /// `leastScalarsOfThread`, 0.3 ms of element-wise work between two checks for cancellation.
    static let rangesBetweenChecks = 64
  }

  // MARK: Batches

  /// The largest number of tokens of a batch of several texts. More tokens give larger matrix products;
  /// fewer leave the activations between two layers in the cache (71163aa).
  package static let batchTokens = 1_024

  // MARK: Attention

  enum Attention {
    /// Rows of a strip: the queries whose scores are computed at a time, rounded to the tile height.
    /// Larger strips read panels less often; smaller strips leave more of the first-level cache to
    /// keys, and follow a mask's diagonal more closely. Chosen: a strip of 16 rows by 512 keys is 32
    /// KB of scores.
    static let stripRows = 16
    /// The maximum number of keys that are packed at a time. `TileSizes` lowers it for large head
    /// dimensions, to fit the caches.
    static let keyBlock = 512
    /// The gap between rows of scores, in scalars. Rows that are a power of two apart map to the same
    /// cache sets and evict each other from the first-level cache. Chosen: one cache line.
    static let scoreGap = 16
    /// The number of queries in a block: the first of `queryBlocks` that gives each thread at least
    /// `blocksPerThread` blocks; otherwise `leastQueryBlock`. Packing a key costs as much as scoring
    /// it for about ten queries, and each block packs every key once: about 1 % of the time of a block
    /// of 1,024.
    static let queryBlocks = [1_024, 512, 256]
    static let leastQueryBlock = 128
    static let blocksPerThread = 8

    /// The maximum number of rows, over all heads of a group, for which a single query reads keys in
    /// place instead of packing them: groups of up to eight heads (370424b, 2026-11-28).
    static let directRows = 8
    /// The same for several queries: each query reads the block of keys again.
    static let directRowsOfQueries = 4
    /// The number of scores that are computed at a time for such rows. Chosen: 64 KB of scores stay
    /// in the second-level cache together with the keys.
    static let directScores = 1 << 14
    /// The minimum number of keys that such rows score at a time. Chosen: the columns of a panel.
    static let leastDirectKeys = 32

    /// The minimum cost of a thread's task, in multiplications of scores and values. Chosen: they
    /// take about 9 µs at 60 GFLOP/s; a parallel region of two calls of 5 µs takes 6.6 µs
    /// (2026-11-24).
    static let leastCost = 1 << 18
    /// The maximum number of keys in a part: a few queries process the keys in parts, which threads
    /// share and which are merged at the end. Chosen: merging a part costs dv multiplications per row,
    /// the attention to its keys about 1,000 times as many.
    static let partLength = 1_024
  }

  /// The calls of sgemm; see `BLASPlan`.
  enum BLAS {
    /// The maximum number of rows of a call with a panel of weights. OpenBLAS's small-matrix kernels
    /// compute `rowMultiple` rows at a time. Measured, products of 448 rows with weights of 384 × 1536
    /// and 3072 × 768, in GFLOP/s: 16 rows 101 / 106, 24 rows 107 / 110, 36 rows 109 / 111, 40 rows
    /// 110 / 110 (Zen 4, core Cooperlake, limit 116).
    static let panelRows = 36
    static let rowMultiple = 6
    /// The K-block of such a call. Measured for 36 rows of 3072 × 768: 256 deep 107, 384 deep 110, 768
    /// deep 111.
    static let kBlock = 768
    /// The number of panels whose columns of C get their bias, addend and activation together, while
    /// they are in the second-level cache. Chosen: 144 rows of 8 panels are 144 KB.
    static let finishedPanels = 8
    /// The maximum number of queries of a strip, and of keys that are packed at a time. Measured, speed
    /// relative to 16 × 512, for 12 heads of 512 tokens / causal / 32 heads of 1,024 tokens with D = 128
    /// / causal: 12 × 512 0.99 / 0.99 / 1.03 / 1.03, 24 × 512 0.99 / 0.97 / 0.99 / 1.00, 16 × 256 0.99 /
    /// 0.99 / 1.02 / 1.04, 24 × 256 0.99 / 0.99 / 1.04 / 1.04, 36 × 256 1.00 / 0.97 / 1.02 / 1.01 (Zen 4).
    static let strip = 24
    static let keyBlock = 512
  }

  enum WeightBlocks {
    /// The maximum number of attention weights of all heads in memory at a time. One row of each head
    /// may exceed it. Chosen: 16 MB.
    static let capacity = 1 << 22
    /// Rows and columns of one product of scores. Chosen: large enough for the full speed of sgemm, which
    /// reaches 97 of 103 GFLOP/s at 256 × 512 × 64 (OpenBLAS 0.3.21, Zen 4).
    static let queryBlock = 128
    static let keyBlock = 512
  }

  enum Gradients {
    /// The maximum number of queries in a strip, and the minimum for a strip with many keys. A strip
    /// has all keys of its queries, because the backward pass computes the whole softmax of a row
    /// first (61a3b17, 2026-11-28).
    static let mostQueries = 128
    static let fewestQueries = 64
    /// The maximum number of scores in a strip. `fewestQueries` rows may exceed it. Chosen: 1 MB for
    /// each of two or three tiles: 128 queries by 2,048 keys.
    static let scoreCapacity = 1 << 18
    /// The number of keys in a block of a strip. Chosen: 128 rows by 256 keys are 128 KB, which stay
    /// in the second-level cache during the products of a pass.
    static let keyBlock = 256
  }

  // MARK: Matrix products

  enum GeneralProduct {
    /// The columns and rows (the K-block) of B that are packed at a time. Chosen: 512 KB, half of the
    /// second-level cache.
    static let columnBlock = 512
    static let kBlock = 256
    /// Rows of A that are multiplied by one packed block at a time. A transposed A is copied in
    /// blocks of this size. Chosen: a multiple of the tile heights 4 and 14.
    static let rowBlock = 112
    /// The maximum number of rows or columns of C for which the large operand is read in place
    /// instead of being packed.
    static let inPlaceRows = 4

    /// The number of multiplications above which a product uses several threads. Chosen: they take
    /// about 4 µs at 100 GFLOP/s.
    static let leastSharedProduct = 200_000
    /// The minimum number of rows and columns of C per thread: each thread packs its operands again.
    static let leastRowsOfThread = 16
    static let leastColumnsOfThread = 64
    /// The number of multiplications and of scalars of A, B and C up to which a product is computed without
    /// a check for cancellation, and the block of rows, columns and K-block of larger products. Chosen: about
    /// 20 ms at 100 GFLOP/s and at 13 GB/s.
    static let multiplicationsBetweenChecks = 1 << 30
    static let scalarsBetweenChecks = 1 << 26
    static let checkedBlock = 1024
    /// The rows and columns of a block of a reproducible product. Chosen: each block packs its operands
    /// again, which costs about 3 % at this size.
    static let reproducibleBlock = 256
  }

  enum Portable {
    /// Rows of a panel that the portable product multiplies before it writes C. Chosen: 256 rows of 32
    /// columns are 32 KB, the first-level cache.
    static let kBlock = 256
  }

  enum Packing {
    /// The number of scalars of a weight that a thread reads before it packs them. Chosen: 1 MB is
    /// still in the second-level cache when it is packed.
    static let scalarsAtOnce = 1 << 18
  }

  // MARK: Memory

  enum Memory {
    /// The number of scalars that are copied or filled between two checks for cancellation. Chosen: 4 MB take
    /// 1 ms with page faults.
    static let scalarsBetweenChecks = 1 << 20
    /// The maximum number of bytes of work memory that are kept for later calls. A thread's tiles
    /// take a few hundred KB. The limit prevents that one large call keeps its memory (4a4ff0c,
    /// 2026-11-24).
    static let keptBytes = 64 << 20
    /// The least size in bytes of a freed tensor whose memory is kept. The limit above applies to these
    /// tensors as well, separately. Chosen: glibc takes memory of this size from the system and returns
    /// it, so that each use clears the pages again. 96 heads of 128 tokens: 5.9 ms without, 5.0 ms with
    /// kept memory (Zen 4, 2026-11-29).
    static let leastKeptBlock = 128 << 10
    /// Allocations of this size or more use large pages of this size. Reading 90 MB of weights took
    /// 54 ms with pages of 4 KB, most of it for page faults, and 40 ms with large pages (932a9a8,
    /// 2026-11-24).
    static let largePage = 2 << 20
    /// The size in bytes of a block of large pages that several weights share, and the sizes of the
    /// weights that are stored in such blocks. With matrices of a few hundred KB, address translation
    /// for pages of 4 KB took a tenth of the decoding time (480d904, 2026-11-25). Larger weights get
    /// separate large pages.
    static let sharedBlock = 32 << 20
    static let sharedBlockPart = 64 << 10...8 << 20
  }
}
