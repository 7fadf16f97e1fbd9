// The steps from q·k to the weights, for the chosen word and for all words.

/** Two columns: the chosen word, and all words. */
const sides = (left, right) => make('div', { class: 'sides' }, make('div', {}, left), make('div', {}, right));

const wordTitle = (state) => make('h3', {}, `“${state.words[state.word]}”${state.hasHeads ? `, ${state.place}` : ''}`);

/** A table with a row for each key. `cells(key)` returns the contents of the columns; an empty title is that of a bar. */
function keyTable(state, name, titles, cells, sum = null, kind = '') {
  const bars = new Set(titles.flatMap((title, index) => (title === '' ? [index] : [])));
  const row = (title, contents, attributes = {}) => make('tr', attributes,
    make('th', { scope: 'row', class: 'word-name' }, title),
    contents.map((content, index) => make('td', { class: content instanceof Array ? 'terms' : bars.has(index) ? 'bar-cell' : 'number' }, content)));
  const first = cells(0);
  return make('div', { class: 'scroller' }, make('table', { class: `keys ${kind}`, 'aria-label': name },
    make('thead', {}, make('tr', {}, make('td'), titles.map((title, index) => (title === '' ? make('td', { class: 'bar-cell' })
      : make('th', { scope: 'col', class: first[index] instanceof Array ? 'of-terms' : false }, title))))),
    make('tbody', {}, state.words.map((word, key) => row(word, cells(key), { class: state.isMasked(state.word, key) ? 'masked' : false })),
      sum ? row('sum', sum, { class: 'sum' }) : null)));
}

const productStep = {
  title: 'Scores',
  show(state) {
    const { head, word } = state;
    const terms = (row, key) => [
      sumOfProducts(head.queries.rows[row], 'query', head.keys.rows[key], 'key'),
      state.dimension > 1 ? [' = ', sumOf(head.terms[row][key])] : null];
    return [
      intro('The score of a query and a key is q·k: the sum of the products of their numbers.',
        'A large score means that the key has what the query looks for.'),
      sides([wordTitle(state),
        keyTable(state, 'Scores', [make('span', {}, colored('query', 'q'), '·', colored('key', 'k')), 'score'],
          (key) => [terms(word, key), fixed(head.products.rows[word][key])])],
      matrixFigure(state, 'Scores QKᵀ', head.products, { id: 'scores', column: (key) => state.words[key], formula: terms })),
    ];
  },
};

const scaleStep = {
  titleOf: (data) => (data.isScaled ? (data.isCausal ? 'Scale and mask' : 'Scale') : 'Mask'),
  isShown: (data) => data.isScaled || data.isCausal,
  show(state) {
    const { data, head, word, dimension } = state;
    const formula = (row, key) => (state.isMasked(row, key)
      ? `because “${state.words[key]}” is later than “${state.words[row]}”`
      : data.isScaled ? [`${short(head.products.rows[row][key])} / √${dimension}`] : null);
    const name = `${data.isScaled ? `Scaled scores QKᵀ/√${dimension}` : 'Scores QKᵀ'}${data.isCausal ? ', masked' : ''}`;
    return [
      intro(data.isScaled
        ? `Scores are scaled by 1/√dk = 1/√${dimension}, so that they do not grow with the head dimension dk.`
        : 'Scores are not scaled.',
      data.isCausal ? 'The causal mask hides later words: their scores are −∞, and their weights are 0.' : null),
      sides([wordTitle(state),
        keyTable(state, 'Scaled scores', ['score', state.argument],
          (key) => [fixed(head.products.rows[word][key]), fixed(head.scores.rows[word][key])])],
      matrixFigure(state, name, head.scores, { id: 'scaled', column: (key) => state.words[key], formula })),
    ];
  },
};

const softmaxStep = {
  title: 'Softmax',
  show(state) {
    const { data, head, word, argument } = state;
    const power = (row) => (head.shifts[row] === 0 ? `e^${argument}` : `e^(${argument} − max)`);
    const scaled = data.isScaled ? `QKᵀ/√${state.dimension}` : 'QKᵀ';
    const formula = (row, key) => (state.isMasked(row, key) ? 'masked'
      : [`${fixed(head.exponentials[row][key])} / ${fixed(head.sums[row])}`]);
    return [
      intro('Softmax turns the scores into weights that sum to 1: e^score, divided by the sum over all words.',
        head.shifts[word] === 0 ? null
          : `The maximum ${short(head.shifts[word])} is subtracted from large scores first, which changes no weight.`),
      sides([wordTitle(state),
        keyTable(state, 'Weights', [argument, power(word), 'weight', ''],
          (key) => [fixed(head.scores.rows[word][key]), fixed(head.exponentials[word][key]),
            fixed(head.weights.rows[word][key]), makeBar(head.weights.rows[word][key])],
          ['', fixed(head.sums[word]), fixed(head.weightSums[word]), ''])],
      matrixFigure(state, `Weights softmax(${scaled}${data.isCausal ? ', masked' : ''})`, head.weights,
        { id: 'weights', column: (key) => state.words[key], isWeight: true, formula })),
    ];
  },
};
