// The chosen word, head and step. The hash of the address stores all three.

class LessonState {
  constructor(data, steps) {
    this.data = data;
    this.steps = steps;
    this.values = { step: 0, word: data.focus, head: 0 };
    this.listeners = [];
  }

  get word() { return this.values.word; }
  get step() { return this.values.step; }
  get headIndex() { return this.values.head; }
  get head() { return this.data.heads[this.headIndex]; }
  get words() { return this.data.words; }
  get hasHeads() { return this.data.heads.length > 1; }
  /** dk, the number of columns of the queries of a head. */
  get dimension() { return this.head.queries.rows[0].length; }
  /** The argument of the softmax. */
  get argument() { return this.data.isScaled ? 'scaled' : this.data.isCausal ? 'masked' : 'score'; }
  /** "in head 0, ", or nothing for one head. */
  get place() { return this.hasHeads ? `head ${this.headIndex}` : ''; }

  isMasked(query, key) { return this.data.isCausal && key > query; }

  set(change) {
    const counts = { step: this.steps.length, word: this.words.length, head: this.data.heads.length };
    const changed = new Set();
    for (const [name, value] of Object.entries(change)) {
      if (Number.isInteger(value) && value >= 0 && value < counts[name] && value !== this.values[name]) {
        this.values[name] = value;
        changed.add(name);
      }
    }
    if (changed.size === 0) return;
    history.replaceState(null, '', this.hash);
    for (const listener of this.listeners) listener(changed);
  }

  listen(listener) { this.listeners.push(listener); }

  /** Steps, words and heads count from 1, 0 and 0, as in the text of the lesson. */
  get hash() {
    const head = this.hasHeads ? `&head=${this.headIndex}` : '';
    return `#step=${this.step + 1}&word=${this.word}${head}`;
  }

  readHash() {
    const values = new URLSearchParams(location.hash.slice(1));
    const number = (name) => (values.has(name) ? Number(values.get(name)) : NaN);
    this.set({ step: number('step') - 1, word: number('word'), head: number('head') });
  }
}
