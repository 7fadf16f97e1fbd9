// The weighted sum of the values, and the heads together.

const outputStep = {
  title: 'Weighted sum',
  show(state) {
    const { head, word } = state;
    const { digits } = head.output;
    const vector = (numbers) => `[${numbers.map((value) => fixed(value, digits)).join(', ')}]`;
    const formula = (row, j) => sumOfProducts(head.weights.rows[row], 'none', column(head.values, j), 'value');
    return [
      intro(`The weighted sum of the values is the output for “${state.words[word]}”.`,
        'The more a word attends to another, the more of its value the output has.'),
      sides([wordTitle(state),
        keyTable(state, 'Weighted values', ['weight', '', colored('value', 'v'), make('span', {}, 'weight · ', colored('value', 'v'))],
          (key) => [fixed(head.weights.rows[word][key]), makeBar(head.weights.rows[word][key]),
            vectorRow(head.values, key, 'value'), vector(head.weightedValues[word][key])],
          ['', '', '', vector(head.output.rows[word])], 'values')],
      matrixFigure(state, 'Output: weights · V', head.output,
        { id: 'output', column: numbered('output'), formula })),
    ];
  },
};

const joinStep = {
  titleOf: (data) => (data.heads.length > 1 ? 'Concatenate heads' : 'Output projection'),
  isShown: (data) => data.heads.length > 1 || data.projected !== null,
  show(state) {
    const { data, word } = state;
    const count = data.heads.length;
    const group = data.concatenated.rows[0].length / count;
    const joinedMatrix = matrixFigure(state, count > 1 ? 'Heads, concatenated' : 'Output', data.concatenated, {
      id: 'joined', column: numbered('output'), group: count > 1 ? group : 0,
      formula: (_, j) => (count > 1 ? `head ${Math.floor(j / group)}` : null),
    });
    const first = count > 1
      ? `The outputs of the ${count} heads are put one beside the other: [${data.heads.map((_, i) => `head ${i}`).join(', ')}].`
      : [weightName('O'), ' projects the output to the result y.'];
    if (!data.projected) {
      return [intro(first, ['The file has no ', weightName('O'), ', so this is the result.']), make('div', { class: 'matrices' }, joinedMatrix)];
    }
    return [
      intro(first, count > 1 ? [weightName('O'), ' mixes them into the result y.'] : null),
      make('div', { class: 'cards' }, make('section', { class: 'card' },
        make('h3', {}, `“${state.words[word]}”: y = ${count > 1 ? '[heads]' : 'output'} · `, weightName('O')),
        productFigure({
          id: 'y', vector: data.concatenated.rows[word], vectorName: count > 1 ? 'heads' : 'output', matrix: data.outputWeight,
          letter: 'O', result: data.projected, row: word, resultName: 'y', kind: 'none',
        }))),
      make('h3', { class: 'wide-title' }, 'All words'),
      make('div', { class: 'matrices' }, joinedMatrix, matrixFigure(state, 'Result Y', data.projected, {
        id: 'Y', column: numbered('y'),
        formula: (row, j) => sumOfProducts(data.concatenated.rows[row], 'none', column(data.outputWeight, j), 'none'),
      })),
    ];
  },
};
