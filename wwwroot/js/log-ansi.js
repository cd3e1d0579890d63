// A line of terminal output as nodes: colours and weights become classes, everything else a terminal would obey is left out or shown.
import { appendText } from './diff-text.js';

// Colours and other control sequences: ESC [ … letter; ESC ] … end; ESC P … end; two-character escapes. A line cuts what is not closed.
const sequence = /\u001b(?:\[([0-?]{0,256})[ -/]{0,16}([@-~])|[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\|$)|[ -/]*[0-~]|$)/g;

/** The text as a terminal would leave it: of parts that a carriage return overwrote, the last. */
export function visiblePart(line) {
  const bare = line.endsWith('\r') ? line.slice(0, -1) : line;
  const over = bare.lastIndexOf('\r');
  return over < 0 ? bare : bare.slice(over + 1);
}

export function fillAnsi(node, line) {
  const text = visiblePart(line);
  if (!text.includes('\u001b')) {
    node.replaceChildren();
    appendText(node, text);
    return;
  }

  const parts = document.createDocumentFragment();
  let style = {};
  let from = 0;
  const put = piece => {
    if (piece.length === 0) return;
    const names = classesOf(style);
    if (names.length === 0) return appendText(parts, piece);
    const span = document.createElement('span');
    span.className = names.join(' ');
    appendText(span, piece);
    parts.append(span);
  };
  for (const match of text.matchAll(sequence)) {
    put(text.slice(from, match.index));
    from = match.index + match[0].length;
    if (match[2] === 'm') style = apply(style, match[1]);
  }

  put(text.slice(from));
  node.replaceChildren(parts);
}

function classesOf(style) {
  const names = ['bold', 'dim', 'italic', 'underline', 'inverse', 'strike'].filter(name => style[name]).map(name => `sgr-${name}`);
  if (style.fgIndex !== undefined) names.push(`fg-${style.fgIndex}`);
  if (style.bgIndex !== undefined) names.push(`bg-${style.bgIndex}`);
  return names;
}

const switches = { 1: ['bold', true], 2: ['dim', true], 3: ['italic', true], 4: ['underline', true], 7: ['inverse', true], 9: ['strike', true], 22: ['bold', false], 23: ['italic', false], 24: ['underline', false], 27: ['inverse', false], 29: ['strike', false] };

function apply(before, parameters) {
  const style = { ...before };
  const codes = parameters.split(/[;:]/).map(code => code === '' ? 0 : Number(code)).slice(0, 64);
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i];
    if (code === 0) {
      for (const name of Object.keys(style)) delete style[name];
    } else if (switches[code]) {
      style[switches[code][0]] = switches[code][1];
      if (code === 22) style.dim = false;
    } else if ((code >= 30 && code <= 37) || (code >= 90 && code <= 97)) set(style, 'fg', code % 10);
    else if ((code >= 40 && code <= 47) || (code >= 100 && code <= 107)) set(style, 'bg', code % 10);
    else if (code === 39 || code === 49) set(style, code === 39 ? 'fg' : 'bg');
    else if (code === 38 || code === 48) i += extended(style, code === 38 ? 'fg' : 'bg', codes, i + 1);
  }

  return style;
}

function set(style, side, index) {
  style[`${side}Index`] = index;
}

// Of finer colours the nearest of the eight: those are legible on the product's own light and dark background, others may not be.
function extended(style, side, codes, at) {
  if (codes[at] === 5) {
    const n = codes[at + 1];
    if (n < 16) set(style, side, n % 8);
    else if (n < 232) set(style, side, nearest(...[36, 6, 1].map(place => Math.floor((n - 16) / place) % 6 * 51)));
    else if (n < 256) set(style, side, 7);
    return 2;
  }

  if (codes[at] === 2) {
    set(style, side, nearest(codes[at + 1], codes[at + 2], codes[at + 3]));
    return 4;
  }

  return 0;
}

function nearest(r, g, b) {
  const [most, least] = [Math.max(r, g, b), Math.min(r, g, b)];
  if (!(most - least > 40)) return 7;
  const middle = (most + least) / 2;
  // Red is bit 1, green bit 2, blue bit 4, as terminals count.
  return (r > middle ? 1 : 0) + (g > middle ? 2 : 0) + (b > middle ? 4 : 0);
}
