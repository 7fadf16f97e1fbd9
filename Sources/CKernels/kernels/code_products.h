// Products of vectors with a few bits per feature ("codes") and queries: exact integers, so every instruction set
// has the same results. Loops over bytes, which the compiler vectorizes; code_dots_vnni.h has an instruction for the
// dot product.

static void dot_half_bytes(const vector_code_product *p) {
  for (long r = 0; r < p->rows; r++) {
    const uint8_t *code = (const uint8_t *)p->codes + r * p->stride;
    __builtin_prefetch(code + PREFETCH_L1);
    for (long q = 0; q < p->queries; q++) {
      const int8_t *low = (const int8_t *)p->inputs + q * 2 * p->length, *high = low + p->length;
      int32_t sum = 0;
      for (long i = 0; i < p->length; i++) {
        sum += (int16_t)((code[i] & 15) * low[i]) + (int16_t)((code[i] >> 4) * high[i]);
      }
      p->result[q * p->result_stride + r] = sum;
    }
  }
}

static void count_different_bits(const vector_code_product *p) {
  for (long r = 0; r < p->rows; r++) {
    const uint8_t *code = (const uint8_t *)p->codes + r * p->stride;
    for (long q = 0; q < p->queries; q++) {
      const uint8_t *query = (const uint8_t *)p->inputs + q * p->length;
      int32_t count = 0;
      long i = 0;
      for (; i + 8 <= p->length; i += 8) {
        uint64_t a, b;
        memcpy(&a, code + i, sizeof a);
        memcpy(&b, query + i, sizeof b);
        count += __builtin_popcountll(a ^ b);
      }
      for (; i < p->length; i++) count += __builtin_popcount((unsigned)(code[i] ^ query[i]));
      p->result[q * p->result_stride + r] = count;
    }
  }
}
