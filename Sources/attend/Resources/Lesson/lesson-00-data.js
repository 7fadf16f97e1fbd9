'use strict';

// Reading and writing the numbers of the lesson. The data has all numbers; the page computes none.

/** The keys of numbers in double precision. All others are single precision. */
const DOUBLES = new Set(['exponentials', 'sums']);

/** Returns the data with each number in the precision that the lesson computed it in. */
function precise(node) {
  if (typeof node === 'number') return Math.fround(node);
  if (Array.isArray(node)) return node.map(precise);
  if (node === null || typeof node !== 'object') return node;
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, DOUBLES.has(key) ? value : precise(value)]));
}

/** Returns a number with some digits after the point, rounded as `attend example` rounds; −∞ for null. */
function fixed(value, digits = 4) {
  if (value === null) return '−∞';
  const scale = 10 ** digits;
  const units = Math.round(Math.abs(value) * scale);
  const text = (units / scale).toFixed(digits);
  return value < 0 && units > 0 ? `−${text}` : text;
}

/** Returns a number with up to four digits after the point: 0.1, −2, 0.3333. */
function short(value) {
  const text = fixed(value);
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

/** Returns the text of numbers with minus signs, which do not end a line. */
const withMinus = (text) => text.replaceAll('-', '−');

/** Returns a number of a matrix with the digits of the matrix. */
const cellText = (matrix, row, column) =>
  matrix.digits === null ? short(matrix.rows[row][column]) : fixed(matrix.rows[row][column], matrix.digits);

/** The largest magnitude in a matrix. */
const magnitude = (matrix) => Math.max(...matrix.rows.flat().map((value) => Math.abs(value ?? 0)));
