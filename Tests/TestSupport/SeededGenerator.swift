import Attention

/// The random numbers of tests.
package typealias SeededGenerator = SplitMix64
