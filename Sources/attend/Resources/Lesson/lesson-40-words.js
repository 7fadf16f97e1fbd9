// The words at the top. Their shade and the number below them are the attention of the chosen word.

class WordsView {
  constructor(state) {
    this.state = state;
    this.node = document.getElementById('word-choice');
    this.legend = document.getElementById('words-legend');
    this.heads = document.getElementById('heads');
    this.buttons = state.words.map((word, index) => make('button', {
      type: 'button', role: 'radio', class: 'word', onclick: () => state.set({ word: index }),
    }, make('span', { class: 'word-text' }, word), make('span', { class: 'word-number' })));
    this.node.append(...this.buttons);
    arrowKeys(this.node, (index) => {
      state.set({ word: index });
      this.buttons[index].focus();
    });
    this.makeHeads();
    state.listen(() => this.show());
    this.show();
  }

  makeHeads() {
    const { state } = this;
    this.heads.hidden = !state.hasHeads;
    if (!state.hasHeads) return;
    this.heads.append(...state.data.heads.map((_, index) => make('button', {
      type: 'button', role: 'radio', onclick: () => state.set({ head: index }),
    }, `Head ${index}`)));
    arrowKeys(this.heads, (index) => {
      state.set({ head: index });
      this.heads.children[index].focus();
    });
  }

  show() {
    const { state } = this;
    const weights = state.head.weights.rows[state.word];
    for (const [index, button] of this.buttons.entries()) {
      const isChosen = index === state.word;
      button.setAttribute('aria-checked', isChosen);
      button.tabIndex = isChosen ? 0 : -1;
      button.style.setProperty('--share', Math.sqrt(weights[index]).toFixed(3));
      const text = state.isMasked(state.word, index) ? 'masked' : fixed(weights[index]);
      button.lastChild.textContent = text;
    }
    for (const [index, button] of [...this.heads.children].entries()) {
      button.setAttribute('aria-checked', index === state.headIndex);
      button.tabIndex = index === state.headIndex ? 0 : -1;
    }
    this.legend.textContent = `Choose a word. Below each word: how much “${state.words[state.word]}” attends to it`
      + `${state.hasHeads ? ` in ${state.place}` : ''}.`;
  }
}
