// "Which head looks from this word to that word?" The attention between words is the sum over the tokens of the target
// word and the mean over the tokens of the source word. Special tokens and the word itself do not count.

const FOUND_HEADS = 8;

/**
 * Returns, for each head, its strongest pair of words as `{layer, head, source, target, weight}`, strongest head first.
 * `source` and `target` are words, or null for any word.
 */
function findHeads(map, source, target) {
  const { querySide, keySide } = map;
  const isSame = querySide === keySide;
  const sources = source === null
    ? querySide.words.map((_, word) => word).filter((word) => !querySide.isSpecialWord(word)) : [source];
  const isTarget = keySide.words.map((_, word) => (target === null ? !keySide.isSpecialWord(word) : word === target));
  const sums = new Float32Array(keySide.words.length);
  const found = [];
  for (let layer = 0; layer < map.layers; layer += 1) {
    for (let head = 0; head < map.heads; head += 1) {
      const best = { layer, head, source: null, target: null, weight: 0 };
      for (const from of sources) {
        const [start, end] = querySide.words[from];
        sums.fill(0);
        for (let query = start; query < end; query += 1) {
          map.weights.visitRow(layer, head, query, (key, weight) => { sums[keySide.wordOf[key]] += weight; });
        }
        for (let to = 0; to < sums.length; to += 1) {
          const weight = sums[to] / (end - start);
          if (weight > best.weight && isTarget[to] && !(isSame && to === from)) {
            Object.assign(best, { source: from, target: to, weight });
          }
        }
      }
      if (best.target !== null) found.push(best);
    }
  }
  return found.sort((a, b) => b.weight - a.weight);
}

class FinderView {
  constructor(section, state, grid) {
    this.state = state;
    this.grid = grid;
    this.from = make('select', { onchange: () => this.search(), 'aria-label': 'Source word' });
    this.to = make('select', { onchange: () => this.search(), 'aria-label': 'Target word' });
    this.list = make('ol', { class: 'found' });
    this.note = make('p', { class: 'hint' });
    section.append(make('div', { class: 'finder', role: 'group', 'aria-labelledby': 'finder-heading' },
      make('h3', { id: 'finder-heading' }, 'Which head looks from one word to another?'),
      make('p', { class: 'sentence' },
        make('label', {}, 'From ', this.from), make('label', {}, 'to ', this.to)),
      this.list, this.note));
    this.fillSelects();
    state.listen((changed) => {
      if (changed.has('map')) this.fillSelects();
      else if (changed.has('pin')) this.usePin();
      if (changed.has('layer') || changed.has('head')) this.markChosen();
    });
  }

  fillSelects() {
    const map = this.state.attention;
    const options = (side) => [make('option', { value: '' }, 'any word'),
      ...side.words.flatMap((_, word) => (side.isSpecialWord(word) ? [] : make('option', { value: word }, side.wordLabels[word])))];
    this.from.replaceChildren(...options(map.querySide));
    this.to.replaceChildren(...options(map.keySide));
    this.usePin();
  }

  /** The pinned word is the source. On a side that has no queries, the pinned word is the target. */
  usePin() {
    const { pin, attention: map } = this.state;
    this.from.value = '';
    this.to.value = '';
    if (pin) {
      const side = this.state.model.sides[pin.side];
      const word = side.wordOf[pin.token];
      if (!side.isSpecialWord(word)) (side === map.querySide ? this.from : this.to).value = word;
    }
    this.search();
  }

  search() {
    const map = this.state.attention;
    const number = (select) => (select.value === '' ? null : Number(select.value));
    const [source, target] = [number(this.from), number(this.to)];
    const isOpen = source === null && target === null;
    const found = isOpen ? [] : findHeads(map, source, target).slice(0, FOUND_HEADS);
    this.list.replaceChildren(...found.map((entry) => this.row(map, entry)));
    setText(this.note, isOpen ? 'Pin a word in the text, or choose words here.'
      : found.length === 0 ? 'No head has a stored weight between these words.'
        : 'Sum over the tokens of the target word, mean over the tokens of the source word; without special tokens.');
    this.grid.markRanks(found.slice(0, 5).map(({ layer, head }) => [layer, head]));
    this.markChosen();
  }

  row(map, { layer, head, source, target, weight }) {
    const bar = makeBar('to');
    setBar(bar, weight);
    return make('li', {}, make('button', {
      type: 'button', 'data-head': `${layer}.${head}`, onclick: () => this.state.set({ layer, head }),
    },
    make('span', { class: 'found-head' }, `${layer}·${head}`, make('span', { class: 'unseen' }, ' layer and head:')),
    make('span', { class: 'found-pair' }, `${map.querySide.wordLabels[source]} → ${map.keySide.wordLabels[target]}`),
    bar, make('span', { class: 'number' }, weight.toFixed(3))));
  }

  markChosen() {
    const { layer, head } = this.state;
    for (const button of this.list.querySelectorAll('button')) {
      if (button.dataset.head === `${layer}.${head}`) button.setAttribute('aria-current', 'true');
      else button.removeAttribute('aria-current');
    }
  }
}
