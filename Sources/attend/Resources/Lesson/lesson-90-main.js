// Starts the page: reads the data, makes the views, and follows keys and the hash.

const STEPS = [
  projectionStep, splitStep, productStep, scaleStep, softmaxStep, outputStep, joinStep, sharpStep, saturationStep,
  backendStep, togetherStep,
];

/** The steps at the top, the chosen step, and the ways to the next one. */
class StepsView {
  constructor(state) {
    this.state = state;
    this.panel = document.getElementById('panel');
    this.list = document.getElementById('steps');
    this.tabs = state.steps.map((step, index) => make('button', {
      type: 'button', role: 'tab', id: `tab-${index}`, 'aria-controls': 'panel', 'aria-label': `${index + 1}. ${this.title(index)}`,
      class: 'step', onclick: () => state.set({ step: index }),
    }, make('span', { class: 'step-number' }, `${index + 1}`), make('span', { class: 'step-title' }, this.title(index))));
    this.list.append(...this.tabs);
    arrowKeys(this.list, (index) => {
      state.set({ step: index });
      this.tabs[index].focus();
    });
    this.ways = { previous: document.getElementById('previous'), next: document.getElementById('next') };
    this.ways.previous.addEventListener('click', () => state.set({ step: state.step - 1 }));
    this.ways.next.addEventListener('click', () => state.set({ step: state.step + 1 }));
    document.addEventListener('keydown', (event) => this.key(event));
    state.listen(() => this.show());
    this.show();
  }

  title(index) {
    const step = this.state.steps[index];
    return step.title ?? step.titleOf(this.state.data);
  }

  content(index) {
    return [make('h2', { tabindex: '-1' }, `${index + 1}. ${this.title(index)}`), this.state.steps[index].show(this.state)];
  }

  show() {
    const { state } = this;
    for (const [index, tab] of this.tabs.entries()) {
      tab.setAttribute('aria-selected', index === state.step);
      tab.tabIndex = index === state.step ? 0 : -1;
    }
    const { step } = state;
    const selected = this.tabs[step];
    this.list.scrollLeft = selected.offsetLeft - (this.list.clientWidth - selected.offsetWidth) / 2;
    this.ways.previous.disabled = step === 0;
    this.ways.next.disabled = step === state.steps.length - 1;
    this.panel.setAttribute('aria-labelledby', `tab-${step}`);
    // The same number has the focus after the words or the head change.
    const focus = this.panel.contains(document.activeElement) ? document.activeElement.dataset.focus : null;
    this.panel.replaceChildren(...[this.content(step), this.links(step)].flat(Infinity).filter(Boolean));
    this.makeScrollable();
    if (!focus) return;
    const node = this.panel.querySelector(`[data-focus="${focus}"]`);
    if (!node) return;
    for (const other of node.closest('table').querySelectorAll('[tabindex="0"]')) other.tabIndex = -1;
    node.tabIndex = 0;
    node.focus({ preventScroll: true });
  }

  /** A table that is wider than the screen and has no cells for the focus scrolls by keyboard. */
  makeScrollable() {
    for (const node of this.panel.querySelectorAll('.scroller')) {
      if (node.scrollWidth > node.clientWidth && !node.querySelector('[tabindex]')) node.tabIndex = 0;
      else node.removeAttribute('tabindex');
    }
  }

  /** The previous and the next step, below the step. */
  links(step) {
    const link = (index, text) => (this.tabs[index] ? make(
      'button', { type: 'button', class: 'toggle', onclick: () => this.open(index) }, text(this.title(index))) : make('span'));
    return make('div', { class: 'ways' }, link(step - 1, (title) => `← ${title}`), link(step + 1, (title) => `${title} →`));
  }

  /** Shows a step from its start, with the focus on its heading. */
  open(step) {
    this.state.set({ step });
    const bar = document.querySelector('.bar');
    const top = this.panel.getBoundingClientRect().top - bar.offsetHeight;
    if (top < 0) window.scrollBy({ top, behavior: 'instant' });
    this.panel.querySelector('h2').focus({ preventScroll: true });
  }

  /** The left and right arrow keys, unless a control uses them. */
  key(event) {
    const change = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const focus = document.activeElement;
    const isFree = focus === document.body || focus === this.panel || focus?.tagName === 'H2'
      || Object.values(this.ways).includes(focus);
    if (!change || !isFree || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.state.set({ step: this.state.step + change });
  }

  /** Shows all steps, for printing. */
  showAll() {
    this.panel.replaceChildren(...this.tabs.flatMap((_, index) => this.content(index)).flat(Infinity).filter(Boolean));
  }
}

function start() {
  const data = precise(JSON.parse(document.getElementById('data').textContent));
  const state = new LessonState(data, STEPS.filter((step) => step.isShown?.(data) ?? true));
  state.readHash();
  const formula = `softmax(${data.isScaled ? 'QKᵀ/√dk' : 'QKᵀ'}${data.isCausal ? ', masked' : ''})V`;
  document.getElementById('summary').textContent =
    `${formula}, step by step${state.hasHeads ? `, with ${data.heads.length} heads` : ''}. ${data.note ?? ''}`;
  document.getElementById('generator').textContent =
    `${data.generator} · attend example · Numbers are rounded to the digits shown · ← and → show the other steps`;
  new WordsView(state);
  const steps = new StepsView(state);
  document.getElementById('skip').addEventListener('click', (event) => {
    event.preventDefault();
    steps.open(state.step);
  });
  window.addEventListener('hashchange', () => state.readHash());
  window.addEventListener('resize', () => steps.makeScrollable());
  window.addEventListener('beforeprint', () => steps.showAll());
  window.addEventListener('afterprint', () => steps.show());
  window.lessonPage = Object.freeze({ startTime: performance.now(), state: () => ({ ...state.values }), set: (change) => state.set(change) });
}

start();
