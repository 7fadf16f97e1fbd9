// Building elements and writing numbers.

const SVG_NAMESPACE = 'http://www.w3.org/2000/svg';

/** Returns an element. `on…` attributes are listeners; true and false set and omit an attribute. */
function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  return complete(node, attributes, children);
}

function makeSVG(tag, attributes = {}, ...children) {
  return complete(document.createElementNS(SVG_NAMESPACE, tag), attributes, children);
}

function complete(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, '');
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

/** Replaces the text of a node only if the text differs, so that an unchanged text costs no layout. */
function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Writes a number with a minus sign; a number that is rounded to 0 has no sign. */
const signed = (value, digits = 2) => value.toFixed(digits).replace(/^-(?!0\.?0*$)/, '−').replace('-', '');
const percent = (value) => `${Math.round(value * 100)} %`;
const plural = (count, noun) => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** Returns a weight with three decimals, "masked", or "below 0.003" for a weight that is not stored. */
function weightText(map, query, key, weight) {
  if (map.isMasked(query, key)) return 'masked';
  if (weight === 0 && map.threshold > 0) return `below ${map.threshold.toFixed(3)}`;
  return weight.toFixed(3);
}

function headName(layer, head) {
  return head === MEAN ? `Layer ${layer} · mean of heads` : `Layer ${layer} · Head ${head}`;
}

/** Returns a group of buttons of which one is chosen. Arrow keys move the choice. */
function makeSegments(node, options, choose) {
  node.replaceChildren(...options.map(([value, label]) => make('button', {
    type: 'button', role: 'radio', 'data-value': value, onclick: () => choose(value),
  }, label)));
  node.addEventListener('keydown', (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const buttons = [...node.children];
    const next = buttons[(buttons.indexOf(document.activeElement) + step + buttons.length) % buttons.length];
    next.focus();
    choose(next.dataset.value);
  });
}

/** Marks the chosen button of `makeSegments`. */
function markSegment(node, value) {
  for (const button of node.children) {
    const isChosen = button.dataset.value === String(value);
    button.setAttribute('aria-checked', isChosen);
    button.tabIndex = isChosen ? 0 : -1;
  }
}

/** Returns a bar whose length shows a value from 0 to 1. The number beside the bar is the text alternative. */
function makeBar(kind = 'to') {
  return make('span', { class: `meter meter-${kind}`, 'aria-hidden': 'true' }, make('span'));
}

function setBar(bar, value) {
  bar.firstChild.style.transform = `scaleX(${Math.min(1, Math.max(0, value))})`;
}
