// Starts the page: reads the data, makes the views, follows the hash and the colour scheme.

const MAP_NAMES = { encoder: 'Encoder self-attention', decoder: 'Decoder self-attention', cross: 'Cross-attention' };
const SECTION_NAMES = { text: 'Text', heads: 'Heads', head: 'Head', steps: 'Steps', vectors: 'Vectors', readout: 'Next token' };

/** The line with model sizes, the switch between maps and the line with the choice. */
class HeaderView {
  constructor(state) {
    this.state = state;
    this.maps = document.getElementById('maps');
    this.sizes = document.getElementById('sizes');
    this.selection = document.getElementById('selection');
    this.maps.hidden = state.model.maps.length < 2;
    makeSegments(this.maps, state.model.maps.map((map, i) => [i, MAP_NAMES[map.kind]]), (map) => state.set({ map: Number(map) }));
    document.getElementById('generator').textContent = state.model.generator;
    const links = document.getElementById('sections');
    for (const [id, name] of Object.entries(SECTION_NAMES)) {
      if (!document.getElementById(id).hidden) links.append(make('a', { href: `#${id}`, 'data-skip': id }, name));
    }
    document.addEventListener('click', (event) => this.skip(event));
    state.listen((changed) => { if (changed.size > 1 || !changed.has('hover')) this.show(); });
    this.show();
  }

  show() {
    const { state } = this;
    const map = state.attention;
    markSegment(this.maps, state.map);
    const isCross = map.querySide !== map.keySide;
    const tokens = isCross ? `${map.queries} × ${map.keys} tokens` : plural(map.queries, 'token');
    setText(this.sizes, `${MAP_NAMES[map.kind]} · ${plural(map.layers, 'layer')} × ${plural(map.heads, 'head')} · ${tokens}`);
    const pin = state.pin ? `  ·  ${state.model.sides[state.pin.side].labels[state.pin.token]}` : '';
    setText(this.selection, headName(state.layer, state.head) + pin);
  }

  /** Links to sections move the focus; the hash keeps the state of the page. */
  skip(event) {
    const id = event.target.closest?.('[data-skip]')?.dataset.skip;
    if (!id) return;
    event.preventDefault();
    const section = document.getElementById(id);
    section.scrollIntoView({ behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth' });
    section.focus({ preventScroll: true });
  }
}

/** Announces the links of a token that is pinned or has the focus. */
function announce(state) {
  const node = document.getElementById('announcement');
  state.listen((changed) => {
    const isFocused = document.activeElement?.classList.contains('token');
    const token = changed.has('pin') ? state.pin : isFocused ? state.active : null;
    if (token && (changed.has('pin') || changed.has('hover'))) setText(node, linkSentence(state, token));
  });
}

/** The read-only interface for tests. */
function makeInterface(state) {
  const { model } = state;
  return Object.freeze({
    select: (layer, head) => state.set({ layer, head: head === 'mean' ? MEAN : head }),
    weight: (map, layer, head, query, key) => model.maps[map].at(layer, head === 'mean' ? MEAN : head, query, key),
    weightText: (map, layer, head, query, key) => weightText(model.maps[map], query, key, model.maps[map].at(layer, head, query, key)),
    findHeads: (map, source, target) => findHeads(model.maps[map], source, target),
    state: () => ({ map: state.map, layer: state.layer, head: state.head, view: state.view, pin: state.pin, hover: state.hover }),
    sizes: () => model.maps.map(({ layers, heads, queries, keys, kind }) => ({ layers, heads, queries, keys, kind })),
    flush: () => Painter.flush(),
    startTime: performance.now(),
  });
}

function start() {
  readTheme();
  const model = readModel(document.getElementById('data').textContent);
  const state = new PageState(model);
  state.readHash();
  const section = (id) => document.getElementById(id);
  const text = new TextView(section('text'), state);
  text.show();
  const grid = new GridView(section('heads'), state);
  new FinderView(section('heads'), state, grid);
  new HeadView(section('head'), state);
  new StepsView(section('steps'), state);
  if (model.states.length > 0) new VectorsView(section('vectors'), state);
  else section('vectors').hidden = true;
  if (model.readout) new ReadoutView(section('readout'), state);
  new HeaderView(state);
  announce(state);
  window.addEventListener('hashchange', () => state.readHash());
  const refresh = () => { readTheme(); Painter.invalidateAll(); };
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', refresh);
  matchMedia(`(resolution: ${window.devicePixelRatio}dppx)`).addEventListener('change', refresh);
  window.attentionPage = makeInterface(state);
}

start();
