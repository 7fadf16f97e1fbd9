// eˣ, within 1 ulp where multiplication and addition are fused, else within 2; 0 at −∞, ∞ at ∞, NaN
// at NaN.
//
// x = n ln 2 + r with |r| ≤ ln 2 / 2 (Cody & Waite 1980), and eʳ ≈ 1 + r + r² q(r), q fitted to 3e-9
// relative: a twentieth of an ulp.

// For x below 88: in a softmax nothing exceeds 0.
static inline lanes exponential_of_low(lanes x) {
  // Below −104 the result is 0, whatever is computed for those lanes.
  ints vanishes = x < all(-104);
  // Adding 1.5 · 2²³ rounds to a whole number.
  const float shifter = 12582912;
  lanes n = x * 1.44269504f + shifter - shifter;
  // ln 2 in two parts; the first has 9 bits, so that n times it is exact.
  lanes r = x - n * 0.693359375f;
  r = r + n * 2.12194440e-4f;
  lanes p = r * 1.381454e-3f + 8.36874511e-3f;
  p = p * r + 4.16683908e-2f;
  p = p * r + 1.66665204e-1f;
  p = p * r + 4.99999934e-1f;
  p = p * r + 1;
  p = p * r + 1;
  return vanishes ? all(0) : scaled_by_power(p, n);
}

static inline lanes exponential(lanes x) { return exponential_of_low(at_most(x, 90)); }
