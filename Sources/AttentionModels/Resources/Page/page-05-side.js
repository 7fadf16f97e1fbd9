// A side is one sequence of tokens: the text of an encoder or decoder, or one of the two texts of an encoder–decoder.

class Side {
  constructor(data, index) {
    this.index = index;
    this.name = data.name;
    this.texts = data.texts;
    this.tokens = data.tokens;
    this.textOf = data.text;
    this.special = data.special;
    this.words = data.words;
    this.count = data.tokens.length;
    this.labels = data.tokens.map((token, i) => data.shown[i].trim() || token);
    this.wordOf = new Int32Array(this.count);
    this.words.forEach(([start, end], word) => this.wordOf.fill(word, start, end));
    this.gaps = Side.gaps(data);
    this.wordLabels = this.numberedWords();
  }

  /** Returns what stands before each token in its text: "", " " or "\n". Offsets count Unicode scalars. */
  static gaps(data) {
    const scalars = data.texts.map((text) => Array.from(text));
    const ends = data.texts.map(() => 0);
    return data.tokens.map((_, i) => {
      const text = data.text[i];
      if (text < 0) return ' ';
      const [start, end] = data.offsets[i];
      // The shown text of a token may begin with the space that separates it from the previous token.
      const between = scalars[text].slice(ends[text], start).join('') + /^\s*/.exec(data.shown[i])[0];
      ends[text] = end;
      if (between.includes('\n')) return '\n';
      const followsSpecial = i > 0 && data.text[i - 1] < 0;
      return between === '' && !followsSpecial ? '' : ' ';
    });
  }

  get title() { return { input: 'Input', output: 'Output' }[this.name] ?? this.name; }

  isSpecialWord(word) { return this.special[this.words[word][0]]; }

  wordText(word) {
    const [start, end] = this.words[word];
    return this.labels.slice(start, end).join('');
  }

  /** The text of each word; words that occur more than once have their occurrence as "cat (2)". */
  numberedWords() {
    const texts = this.words.map((_, word) => this.wordText(word));
    const totals = new Map();
    for (const text of texts) totals.set(text, (totals.get(text) ?? 0) + 1);
    const seen = new Map();
    return texts.map((text) => {
      if (totals.get(text) === 1) return text;
      seen.set(text, (seen.get(text) ?? 0) + 1);
      return `${text} (${seen.get(text)})`;
    });
  }
}
