// The text view: the words, what the active token attends to (blue fill) and what attends to it (orange bar).

const TINT_LEVELS = 16;

class TextView {
  constructor(section, state) {
    this.state = state;
    this.hasNumbers = false;
    this.passages = make('div', { class: 'passages' });
    this.numbersButton = make('button', {
      type: 'button', class: 'toggle', 'aria-pressed': 'false', onclick: () => this.toggleNumbers(),
    }, 'Numbers');
    this.unpinButton = make('button', {
      type: 'button', class: 'toggle', onclick: () => state.set({ pin: null }),
    }, 'Unpin');
    this.links = new LinkLists(state);
    section.append(
      make('div', { class: 'section-head' },
        make('h2', { id: 'text-heading' }, 'Text'),
        make('p', { class: 'legend' },
          make('span', { class: 'swatch swatch-to' }), ' attends to  ',
          make('span', { class: 'swatch swatch-from' }), ' is attended by'),
        make('div', { class: 'controls' }, this.numbersButton, this.unpinButton)),
      make('div', { class: 'text-columns' }, this.passages, this.links.node));
    section.addEventListener('keydown', (event) => this.onKey(event));
    this.passages.addEventListener('pointerover', (event) => this.hover(event.target));
    this.passages.addEventListener('pointerleave', () => state.set({ hover: null }));
    this.passages.addEventListener('focusin', (event) => this.hover(event.target));
    this.passages.addEventListener('focusout', () => state.set({ hover: null }));
    this.passages.addEventListener('click', (event) => {
      const token = this.tokenOf(event.target);
      if (token) state.togglePin(token);
    });
    this.buildPassages();
    state.listen((changed) => this.update(changed));
  }

  /** Builds one passage per side of the map: queries first. */
  buildPassages() {
    const map = this.state.attention;
    const sides = map.querySide === map.keySide ? [map.querySide] : [map.keySide, map.querySide];
    this.buttons = new Map();
    this.passages.replaceChildren(...sides.flatMap((side) => {
      const role = sides.length === 1 ? '' : side === map.querySide ? ' · attends' : ' · is attended to';
      const passage = make('div', { class: 'passage', role: 'group', 'aria-label': `${side.title} text`, dir: 'auto' });
      this.buttons.set(side.index, this.fillPassage(passage, side));
      return sides.length === 1 ? [passage]
        : [make('p', { class: 'passage-name' }, make('strong', {}, side.title), role), passage];
    }));
    this.isLarge = sides.some((side) => side.count > 160);
    this.passages.classList.toggle('passages-large', this.isLarge);
    this.showNumbers();
    this.show();
  }

  fillPassage(passage, side) {
    const buttons = [];
    let text = 0;
    side.words.forEach(([start, end]) => {
      // The second text of a pair begins on a new line.
      if (side.textOf[start] > text) {
        text = side.textOf[start];
        passage.append(make('span', { class: 'break' }));
      } else if (side.gaps[start] === '\n') {
        passage.append(make('span', { class: 'break' }));
      } else if (start > 0 && side.gaps[start] === ' ') {
        passage.append(' ');
      }
      const word = make('span', { class: 'word' });
      for (let token = start; token < end; token += 1) {
        const button = make('button', {
          type: 'button', class: side.special[token] ? 'token token-special' : 'token', 'aria-pressed': 'false',
          tabindex: token === 0 ? 0 : -1, 'data-side': side.index, 'data-token': token,
        }, make('span', { class: 'token-text' }, side.labels[token]), make('span', { class: 'token-number' }));
        buttons.push({ node: button, number: button.lastChild, to: 0, from: 0 });
        word.append(button);
      }
      passage.append(word);
    });
    return buttons;
  }

  tokenOf(node) {
    const button = node.closest?.('.token');
    return button ? { side: Number(button.dataset.side), token: Number(button.dataset.token) } : null;
  }

  hover(node) {
    const token = this.tokenOf(node);
    if (token) this.state.set({ hover: token });
  }

  toggleNumbers() {
    this.hasNumbers = !this.hasNumbers;
    this.showNumbers();
    this.show();
  }

  showNumbers() {
    this.numbersButton.setAttribute('aria-pressed', this.hasNumbers);
    this.passages.classList.toggle('with-numbers', this.hasNumbers);
  }

  update(changed) {
    if (changed.has('map')) this.buildPassages();
    else this.show(changed);
  }

  show(changed = new Set(['pin'])) {
    const { state } = this;
    const links = linksOf(state, state.active);
    const map = state.attention;
    for (const [side, buttons] of this.buttons) {
      const to = side === map.keySide.index ? links.to : null;
      const from = side === map.querySide.index ? links.from : null;
      for (let i = 0; i < buttons.length; i += 1) this.tint(buttons[i], to ? to[i] : 0, from ? from[i] : 0);
      if (this.hasNumbers) this.writeNumbers(side, buttons, to, from);
    }
    if (changed.has('pin')) this.markPin();
    this.markActive();
    this.links.show(links);
  }

  /** Only a tint that differs is written, so that a hover changes few styles. */
  tint(button, to, from) {
    const toLevel = Math.round(Math.sqrt(to) * TINT_LEVELS);
    const fromLevel = Math.round(Math.sqrt(from) * TINT_LEVELS);
    if (button.to !== toLevel) {
      button.to = toLevel;
      button.node.style.setProperty('--to-share', toLevel / TINT_LEVELS);
    }
    if (button.from !== fromLevel) {
      button.from = fromLevel;
      button.node.style.setProperty('--from-share', fromLevel / TINT_LEVELS);
    }
  }

  /** The numbers below the words: the weights on the keys, or the weights of the queries if there are no keys here. */
  writeNumbers(side, buttons, to, from) {
    const { attention: map, active } = this.state;
    buttons.forEach((button, i) => {
      if (!to && !from) return setText(button.number, '');
      const [query, key] = to ? [active.token, i] : [i, active.token];
      const weight = (to ?? from)[i];
      const text = map.isMasked(query, key) ? '–' : weight === 0 && map.threshold > 0 ? '<' : weight.toFixed(3);
      setText(button.number, text);
    });
  }

  markActive() {
    this.activeNode?.classList.remove('token-active');
    const { active } = this.state;
    this.activeNode = active ? this.buttons.get(active.side)?.[active.token].node : null;
    this.activeNode?.classList.add('token-active');
  }

  markPin() {
    const { pin } = this.state;
    this.pinnedNode?.setAttribute('aria-pressed', 'false');
    this.pinnedNode = pin ? this.buttons.get(pin.side)?.[pin.token].node : null;
    this.pinnedNode?.setAttribute('aria-pressed', 'true');
    this.unpinButton.disabled = !pin;
  }

  onKey(event) {
    if (event.key === 'Escape') this.state.set({ pin: null });
    const token = this.tokenOf(event.target);
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, Home: -Infinity, End: Infinity }[event.key];
    if (!token || !step) return;
    event.preventDefault();
    const buttons = this.buttons.get(token.side);
    const next = Math.min(Math.max(0, token.token + step), buttons.length - 1);
    buttons[token.token].node.tabIndex = -1;
    buttons[next].node.tabIndex = 0;
    buttons[next].node.focus();
  }
}
