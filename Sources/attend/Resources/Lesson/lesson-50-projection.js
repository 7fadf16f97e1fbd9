// The steps before attention: the embeddings, the queries, keys and values, and their parts for each head.

/** The purpose of each projection. */
const ROLES = [
  { name: 'queries', letter: 'q', upper: 'Q', kind: 'query', title: 'Query', role: 'The query says what the word looks for.' },
  { name: 'keys', letter: 'k', upper: 'K', kind: 'key', title: 'Key', role: 'The key says by what other words find the word.' },
  { name: 'values', letter: 'v', upper: 'V', kind: 'value', title: 'Value', role: 'The value is what the word gives to the words that find it.' },
];

/** The titles of the columns of a matrix of vectors: q₀, q₁, …. */
const numbered = (letter) => (index) => [letter, sub(index)];

/** The numbers of a vector in a row. */
function vectorRow(matrix, row, kind, group = 0) {
  return make('span', { class: `vector of-${kind}` }, matrix.rows[row].map((_, index) => make(
    'span', { class: group && index && index % group === 0 ? 'group-start' : false }, cellText(matrix, row, index))));
}

const projectionStep = {
  title: 'Query, key, value',
  show(state) {
    const { data, word } = state;
    const x = data.embeddings;
    const cards = ROLES.map((role) => make('section', { class: 'card' },
      make('h3', {}, colored(role.kind, `${role.title} ${role.letter}`)), make('p', { class: 'role' }, role.role),
      x ? productFigure({
        id: role.name, vector: x.rows[word], vectorName: 'x', matrix: data.projections[role.name],
        letter: role.upper, result: data[role.name], row: word, resultName: role.letter, kind: role.kind,
      }) : vectorRow(data[role.name], word, role.kind)));
    const matrices = ROLES.map((role) => matrixFigure(state, [role.upper, x ? [' = X ', weightName(role.upper)] : ''], data[role.name], {
      id: role.upper, column: numbered(role.letter),
      formula: (row, j) => (x ? sumOfProducts(x.rows[row], 'none', column(data.projections[role.name], j), 'none') : null),
    }));
    return [
      intro(x
        ? `Each word is a vector x. Three matrices turn it into a query, a key and a value. For “${state.words[word]}”:`
        : `Each word has a query q, a key k and a value v: the rows of Q, K and V. For “${state.words[word]}”:`),
      make('div', { class: 'cards' }, cards),
      make('h3', { class: 'wide-title' }, 'All words'),
      make('div', { class: 'matrices' }, x ? plainMatrix(state, 'X', x) : null, matrices),
    ];
  },
};

/** The embeddings, which are given and have no formula. */
const plainMatrix = (state, name, matrix) =>
  matrixFigure(state, name, matrix, { id: name, column: numbered('x') });

const splitStep = {
  title: 'Split into heads',
  isShown: (data) => data.heads.length > 1,
  show(state) {
    const { data, word } = state;
    const count = data.heads.length;
    return [
      intro(`${count} heads: each attends with its part of q, k and v, so one word can attend to others in ${count} ways at once.`,
        `The head dimension is dk = ${state.dimension}.`),
      make('div', { class: 'cards' }, data.heads.map((head, index) => make(
        'section', { class: 'card', 'aria-current': index === state.headIndex ? 'true' : false },
        make('h3', {}, `Head ${index}, “${state.words[word]}”`),
        make('dl', { class: 'parts' }, ROLES.map((role) => [
          make('dt', {}, colored(role.kind, role.letter)), make('dd', {}, vectorRow(head[role.name], word, role.kind))]))))),
      make('h3', { class: 'wide-title' }, 'All words'),
      make('div', { class: 'matrices' }, ROLES.map((role) => matrixFigure(state, `${role.upper}, with the columns of each head`, {
        ...data[role.name], digits: data.heads[0][role.name].digits,
      }, {
        id: role.upper, column: numbered(role.letter), group: data[role.name].rows[0].length / count,
        formula: (_, j) => `head ${Math.floor(j * count / data[role.name].rows[0].length)}`,
      }))),
    ];
  },
};
