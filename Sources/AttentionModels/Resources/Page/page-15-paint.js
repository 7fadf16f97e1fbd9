// Colours and the drawing of canvases.

/** Colours of the style sheet as canvases need them. `heat` has 256 packed RGBA pixels for √weight from 0 to 1. */
const theme = { heat: new Uint32Array(256), css: [] };

function readTheme() {
  const style = getComputedStyle(document.documentElement);
  const value = (name) => style.getPropertyValue(name).trim();
  for (const name of ['ink', 'muted', 'faint', 'rule', 'paper', 'to', 'from']) theme[name] = value(`--${name}`);
  theme.font = value('--sans');
  theme.groups = Array.from({ length: 8 }, (_, i) => value(`--group-${i}`));
  const stops = Array.from({ length: 5 }, (_, i) => value(`--heat-${i}`)
    .match(/[0-9a-f]{2}/gi).map((part) => parseInt(part, 16)));
  for (let i = 0; i < 256; i += 1) {
    const position = (i / 255) * (stops.length - 1);
    const first = Math.min(Math.floor(position), stops.length - 2);
    const [r, g, b] = stops[first].map((low, c) => Math.round(low + (stops[first + 1][c] - low) * (position - first)));
    theme.heat[i] = (255 << 24) | (b << 16) | (g << 8) | r;
    theme.css[i] = `rgb(${r} ${g} ${b})`;
  }
}

/** The index of a weight in `theme.heat`. The square root makes weights near 0.01 visible. */
const heatIndex = (weight) => Math.round(Math.sqrt(Math.min(1, weight)) * 255);

/** A canvas that is drawn at most once per frame, and only while it is on the screen. */
class Painter {
  static all = new Set();
  static frame = 0;

  constructor(canvas, draw) {
    this.canvas = canvas;
    this.draw = draw;
    this.isDirty = true;
    this.isVisible = false;
    Painter.all.add(this);
    new IntersectionObserver((entries) => {
      this.isVisible = entries.at(-1).isIntersecting;
      if (this.isVisible && this.isDirty) Painter.request();
    }, { rootMargin: '100px' }).observe(canvas);
  }

  invalidate() {
    this.isDirty = true;
    if (this.isVisible) Painter.request();
  }

  static request() {
    Painter.frame ||= requestAnimationFrame(() => Painter.flush());
  }

  /** Draws all visible canvases that changed. */
  static flush() {
    cancelAnimationFrame(Painter.frame);
    Painter.frame = 0;
    for (const painter of Painter.all) {
      if (painter.isDirty && painter.isVisible) {
        painter.isDirty = false;
        painter.draw();
      }
    }
  }

  static invalidateAll() {
    for (const painter of Painter.all) painter.invalidate();
  }
}

/** Sets the size of a canvas in CSS pixels, clears it, and returns its context with a scale for the screen. */
function prepareCanvas(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  const [columns, rows] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== columns || canvas.height !== rows) {
    canvas.width = columns;
    canvas.height = rows;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  const context = canvas.getContext('2d');
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}

/** Returns a text that is at most `width` wide in the font of the context. */
function fitText(context, text, width) {
  if (context.measureText(text).width <= width) return text;
  const letters = Array.from(text);
  while (letters.length > 1 && context.measureText(`${letters.join('')}…`).width > width) letters.pop();
  return `${letters.join('')}…`;
}
