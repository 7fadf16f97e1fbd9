// The steps after attention: larger numbers, the reason for the scale, all backends, and all tokens at once.

/** A table of texts. The first column has the names of the rows. */
function plainTable(name, titles, rows) {
  return make('div', { class: 'scroller' }, make('table', { class: 'plain', 'aria-label': name },
    make('thead', {}, make('tr', {}, titles.map((title, index) => (title === '' ? make('td')
      : make('th', { scope: 'col', class: index ? 'number' : false }, title))))),
    make('tbody', {}, rows.map(([first, ...cells]) => make('tr', {}, make('th', { scope: 'row' }, first),
      cells.map((cell) => make('td', { class: 'number' }, cell)))))));
}

const shortVector = (numbers) => `[${numbers.map(short).join(', ')}]`;

const sharpStep = {
  title: 'Larger numbers',
  isShown: (data) => data.sharp !== null,
  show(state) {
    const { sharp } = state.data;
    const word = sharp.words[sharp.focus];
    const matrix = (name) => `[${sharp.projections[name].rows.map((row) => row.map(short).join(' ')).join('; ')}]`;
    return [
      intro('The weights of the steps before are nearly equal, because the scores are small. Trained weights differ more.',
        ['Here the features are being, action and place. ', weightName('Q'), ` lets “${word}” look for actions and places:`]),
      make('p', { class: 'formula' }, ROLES.map((role) => make('span', { class: 'term' },
        colored(role.kind, weightName(role.upper)), ` = ${matrix(role.name)}`))),
      plainTable('Larger numbers', ['', 'x', 'q', 'k', 'v', state.data.isScaled ? 'scaled score' : 'score', 'weight', ' '],
        sharp.words.map((text, i) => [text, shortVector(sharp.embeddings.rows[i]), shortVector(sharp.queries.rows[i]),
          shortVector(sharp.keys.rows[i]), shortVector(sharp.values.rows[i]), fixed(sharp.scores[i]), fixed(sharp.weights[i]),
          makeBar(sharp.weights[i])])),
      make('p', { class: 'lead' }, sharp.conclusion.replace(/"([^"]*)"/g, '“$1”')),
    ];
  },
};

const saturationStep = {
  title: 'Why scale',
  show(state) {
    const { queryCount, keyCount, rows } = state.data.saturation;
    return [
      intro('q·k has the variance dk. Without the scale 1/√dk, one weight is almost 1 and the others 0: the softmax saturates.',
        'A small change of the scores then changes no weight: their gradient vanishes, and training cannot improve them.'),
      plainTable('Saturation of the softmax', ['dk', 'largest weight', 'without scale', ' ', 'gradient norm', 'without scale'],
        rows.map((row) => [`${row.headDimension}`, fixed(row.weights[0]), fixed(row.weights[1]), makeBar(row.weights[1]),
          fixed(row.gradients[0], 6), fixed(row.gradients[1], 6)])),
      make('p', { class: 'hint' }, `${queryCount} random queries and ${keyCount} random keys, all numbers of variance 1. `
        + 'The table shows the mean of the largest weight of a query, and the median of the norm of the gradient of its scores. '
        + 'The bar is the largest weight without the scale.'),
    ];
  },
};

const backendStep = {
  title: 'One call',
  show(state) {
    const { backends, projected } = state.data;
    return [
      intro([`${backends.product} in one call`, projected ? [', and ', weightName('O')] : '', ', by each backend.'],
        'The reference backend computes in double precision.'),
      plainTable('Backends', ['', `output of “${state.words[state.word]}”`, 'largest difference from reference, all words'],
        backends.rows.map((row) => [row.name, withMinus(row.outputs[state.word]), withMinus(row.distance)])),
    ];
  },
};

const togetherStep = {
  title: 'All at once',
  show(state) {
    const { tokenCount, hiddenSize, headCount, together, inTurn, ratio, distance } = state.data.together;
    return [
      intro(`${tokenCount} tokens of ${hiddenSize} features in a layer of ${headCount} heads, with a causal mask.`,
        'No token waits for the output of another, so a few large products compute all tokens.'),
      plainTable('Times', ['', 'time'], [['all tokens together', together], ['one after the other, with a cache', inTurn], ['ratio', ratio]]),
      make('p', { class: 'hint' }, 'The times were measured when this page was written. '
        + `The outputs differ by at most ${withMinus(distance)}.`),
    ];
  },
};
