// Dot product instructions of AVX-512: BF16, VNNI, and VBMI for bytes. Each 32-bit lane holds a
// k-tuple: 2 bfloat16 or 4 int8 values of one column at consecutive k.

typedef __m512i tuples;

// The first 128 bytes of a panel's rows as k-tuples: columns 0 to 15 in `low`, 16 to 31 in `high`.
typedef struct { tuples low, high; } tuple_pair;

// Macros for the inner loops, because debug builds copy every argument of an inlined function.
#define load_tuples(p) _mm512_loadu_si512(p)
#define splat_tuple(x) _mm512_set1_epi32(x)
INLINE void store_tuples(void *p, tuples x) { _mm512_storeu_si512(p, x); }

INLINE vec tuples_to_float(tuples sums) { return (vec)_mm512_cvtepi32_ps(sums); }

// sum + a₀ b₀ + a₁ b₁ of bfloat16 in each lane. Denormal inputs and results are 0.
#define dot_bfloat16(sum, a, b) \
  ((vec)_mm512_dpbf16_ps((__m512)(sum), (__m512bh)(a), (__m512bh)(b)))

// sum + Σ aᵢ bᵢ in each lane, exact: four unsigned bytes a, four signed bytes b.
#define dot_int8(sum, a, b) _mm512_dpbusd_epi32(sum, a, b)

// x + 128 as an unsigned byte, for signed bytes x.
INLINE tuples offset_by_128(tuples x) {
  return _mm512_xor_si512(x, _mm512_set1_epi8((char)0x80));
}

// Indices into two vectors, for the permutations below.
#define FOUR(index, c) index(c), index(c + 1), index(c + 2), index(c + 3)
#define SIXTEEN(index, c) \
  {FOUR(index, c), FOUR(index, c + 4), FOUR(index, c + 8), FOUR(index, c + 12)}
#define PAIR(c) c, c + 32
#define QUAD(c) c, c + 32, c + 64, c + 96
static const uint16_t pair_indices[2][32] = {SIXTEEN(PAIR, 0), SIXTEEN(PAIR, 16)};
static const uint8_t quad_indices[2][64] = {SIXTEEN(QUAD, 0), SIXTEEN(QUAD, 16)};
#undef FOUR
#undef SIXTEEN
#undef PAIR
#undef QUAD

INLINE tuple_pair pair_order(void) {
  return (tuple_pair){_mm512_loadu_si512(pair_indices[0]), _mm512_loadu_si512(pair_indices[1])};
}
INLINE tuple_pair quad_order(void) {
  return (tuple_pair){_mm512_loadu_si512(quad_indices[0]), _mm512_loadu_si512(quad_indices[1])};
}

// Two panel rows of 32 bfloat16, x and y, become 32 pairs.
INLINE tuple_pair interleave_pairs(tuples x, tuples y, tuple_pair order) {
  return (tuple_pair){
    _mm512_permutex2var_epi16(x, order.low, y), _mm512_permutex2var_epi16(x, order.high, y)};
}

// Four panel rows of 32 int8, two in x and two in y, become 32 quads.
INLINE tuple_pair interleave_quads(tuples x, tuples y, tuple_pair order) {
  return (tuple_pair){
    _mm512_permutex2var_epi8(x, order.low, y), _mm512_permutex2var_epi8(x, order.high, y)};
}
