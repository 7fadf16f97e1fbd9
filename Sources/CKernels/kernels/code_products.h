// Products of vectors with a few bits per feature ("codes") and queries of the same format: exact integers, so
// every instruction set has the same results. Loops over bytes, which the compiler vectorizes; isa/avx512_dot.h
// has an instruction for int8.

static void dot_codes(const vector_code_product *p) {
  for (long r = 0; r < p->rows; r++) {
    const int8_t *code = (const int8_t *)p->codes + r * p->stride;
    __builtin_prefetch(code + PREFETCH_L1);
    for (long q = 0; q < p->queries; q++) {
      const int8_t *query = (const int8_t *)p->inputs + q * p->length;
      int32_t sum = 0;
      for (long i = 0; i < p->length; i++) sum += (int32_t)code[i] * (int32_t)query[i];
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
