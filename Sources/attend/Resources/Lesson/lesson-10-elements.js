// Building elements and formulas.

/** Returns an element. `on…` attributes are listeners; true and false set and omit an attribute. */
function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, '');
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children.flat(Infinity).filter((child) => child != null));
  return node;
}

/** A vector's name or number in the colour of its kind: query, key or value. */
const colored = (kind, text) => make('span', { class: `of-${kind}` }, ...[text].flat());
const sub = (text) => make('sub', {}, text);
/** W with the index Q, K, V or O. */
const weightName = (letter) => ['W', sub(letter)];

/** A factor of a product, with parentheses around a negative number. */
function factor(kind, value) {
  const text = short(value);
  return colored(kind, text.startsWith('−') ? `(${text})` : text);
}

/** Returns nodes with a text between them. */
const joined = (items, text) => items.flatMap((item, index) => (index ? [text, item] : [item])).flat();

/** `a₀ · b₀ + a₁ · b₁ + …`; each product keeps to one line. */
function sumOfProducts(left, leftKind, right, rightKind) {
  return joined(left.map((value, i) =>
    make('span', { class: 'term' }, factor(leftKind, value), ' · ', factor(rightKind, right[i]))), ' + ');
}

/** `a + b + (−c)`. */
const sumOf = (values) => joined(values.map((value) => factor('none', value)), ' + ');

/** A bar whose length shows a weight. The number beside the bar is the text alternative. */
function makeBar(value) {
  const fill = make('span');
  fill.style.transform = `scaleX(${value})`;
  return make('span', { class: 'meter', 'aria-hidden': 'true' }, fill);
}

const column = (matrix, index) => matrix.rows.map((row) => row[index]);

/** The sentences at the start of a step, as texts or nodes; null for none. */
const intro = (...sentences) => make('p', { class: 'lead' }, joined(sentences.filter(Boolean), ' '));

/**
 * Arrow keys in a group of which one item is a tab stop.
 *
 * `move(index)` chooses an item and puts the focus on the item.
 */
function arrowKeys(node, move) {
  node.addEventListener('keydown', (event) => {
    const items = [...node.children];
    const index = items.indexOf(document.activeElement);
    const last = items.length - 1;
    const next = {
      ArrowRight: (index + 1) % items.length, ArrowDown: (index + 1) % items.length,
      ArrowLeft: (index + last) % items.length, ArrowUp: (index + last) % items.length,
      Home: 0, End: last,
    }[event.key];
    if (index < 0 || next === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    move(next);
  });
}
