// The strongest links of the active token as two short lists with numbers.

const LINK_ROWS = 5;

class LinkLists {
  constructor(state) {
    this.state = state;
    this.title = make('p', { class: 'links-title' });
    this.to = LinkLists.list('to');
    this.from = LinkLists.list('from');
    this.node = make('div', { class: 'links', role: 'group', 'aria-label': 'Links of the token' },
      this.title, make('div', { class: 'links-lists' }, this.to.node, this.from.node));
  }

  static list(kind) {
    const rows = Array.from({ length: LINK_ROWS }, () => {
      const row = { name: make('span', { class: 'link-name' }), bar: makeBar(kind), number: make('span', { class: 'number' }) };
      row.node = make('li', {}, row.name, row.bar, row.number);
      return row;
    });
    const heading = make('h3', {}, kind === 'to' ? 'attends to' : 'is attended by');
    return { rows, node: make('div', { class: 'link-list' }, heading, make('ol', {}, ...rows.map((row) => row.node))) };
  }

  show(links) {
    const { state } = this;
    const { active, hover, pin, attention: map } = state;
    this.node.classList.toggle('links-empty', !active);
    this.fill(this.to, links.to, map.keySide);
    this.fill(this.from, links.from, map.querySide);
    if (!active) {
      setText(this.title, 'Point at a word to see its links. Click the word to pin it.');
    } else {
      const isPair = pin && hover && !sameToken(pin, hover);
      setText(this.title, isPair ? this.pairText(pin, hover, links) : this.ownText(active));
    }
  }

  ownText({ side, token }) {
    return `${this.state.model.sides[side].labels[token]} · token ${token}${this.state.pin ? ' · pinned' : ''}`;
  }

  /** The weights between the pinned token and the token under the pointer. */
  pairText(pin, hover, links) {
    const { attention: map, model } = this.state;
    const label = ({ side, token }) => model.sides[side].labels[token];
    const parts = [];
    if (links.to && hover.side === map.keySide.index) {
      const weight = weightText(map, pin.token, hover.token, links.to[hover.token]);
      parts.push(`${label(pin)} → ${label(hover)} ${weight}`);
    }
    if (links.from && hover.side === map.querySide.index) {
      const weight = weightText(map, hover.token, pin.token, links.from[hover.token]);
      parts.push(`${label(hover)} → ${label(pin)} ${weight}`);
    }
    return parts.join('   ') || this.ownText(pin);
  }

  fill(list, weights, side) {
    const best = weights ? largest(weights, LINK_ROWS) : [];
    list.node.classList.toggle('link-list-none', !weights);
    list.rows.forEach((row, i) => {
      const index = best[i];
      const isUsed = index !== undefined;
      setText(row.name, isUsed ? side.labels[index] : '');
      setText(row.number, isUsed ? weights[index].toFixed(3) : '');
      setBar(row.bar, isUsed ? weights[index] : 0);
    });
  }
}

/** Returns a sentence about the strongest links of a token, for screen readers. */
function linkSentence(state, token) {
  const map = state.attention;
  const links = linksOf(state, token);
  const list = (weights, side) => largest(weights, 3)
    .map((i) => `${side.labels[i]} ${weights[i].toFixed(3)}`).join(', ') || 'nothing above the threshold';
  const parts = [];
  if (links.to) parts.push(`attends to ${list(links.to, map.keySide)}`);
  if (links.from) parts.push(`is attended by ${list(links.from, map.querySide)}`);
  return `${state.model.sides[token.side].labels[token.token]} ${parts.join('; ')}`;
}
