// The rows of the hunks, fetched in chunks as they come near the viewport, and their syntax colours.
import { fetchJson } from './diff-list.js';
import { colourLines } from './diff-text.js';

const chunkSize = 100;
const mostChunks = 600;
const mostRequests = 4;

export class DiffRows {
  constructor(address, drawn, failed) {
    Object.assign(this, { address, drawn, failed });
    this.clear();
  }

  clear() {
    this.abort?.abort();
    this.abort = new AbortController();
    this.chunks = new Map();
    this.requests = 0;
    this.wanted = [];
    this.inView = new Set();
    this.longest = 0;
  }

  dispose() { this.clear(); }

  /** A row that is there, or null. */
  row(file, index) {
    const chunk = this.chunks.get(key(file, Math.floor(index / chunkSize)));
    return chunk?.rows?.[index % chunkSize] ?? null;
  }

  /** Fetches what is missing of the ranges in view. What was wanted before and is out of view by now is forgotten. */
  fill(ranges) {
    this.wanted = [];
    this.inView.clear();
    for (const [file, from, to] of ranges) {
      for (let number = Math.floor(from / chunkSize); number <= Math.floor((to - 1) / chunkSize); number++) {
        this.inView.add(key(file, number));
        const known = this.chunks.get(key(file, number));
        if (known) this.touch(known);
        else this.wanted.push({ file, number });
      }
    }

    this.request();
  }

  request() {
    while (this.requests < mostRequests && this.wanted.length > 0) {
      const { file, number } = this.wanted.shift();
      if (!this.chunks.has(key(file, number))) this.fetch(file, number, this.abort.signal);
    }
  }

  async fetch(file, number, signal) {
    const chunk = { file, number, rows: null };
    this.chunks.set(key(file, number), chunk);
    this.requests++;
    try {
      const from = number * chunkSize;
      const answer = await fetchJson(`${this.address()}&file=${file.index}&from=${from}&count=${chunkSize}`, signal);
      if (signal.aborted) return;
      chunk.rows = answer.rows;
      this.measure(chunk.rows);
      this.trim();
      this.drawn(file, from, from + chunkSize);
      this.colour(chunk, signal);
    } catch (error) {
      if (signal.aborted) return;
      this.chunks.delete(key(file, number));
      this.failed(error);
    } finally {
      if (!signal.aborted) {
        this.requests--;
        this.request();
      }
    }
  }

  touch(chunk) {
    this.chunks.delete(key(chunk.file, chunk.number));
    this.chunks.set(key(chunk.file, chunk.number), chunk);
    if (chunk.rows && !chunk.coloured) this.colour(chunk, this.abort.signal);
  }

  trim() {
    for (const [name, chunk] of this.chunks) {
      if (this.chunks.size <= mostChunks) return;
      if (chunk.rows) this.chunks.delete(name);
    }
  }

  measure(rows) {
    for (const { l, r } of rows) this.longest = Math.max(this.longest, l?.t.length ?? 0, r?.t.length ?? 0);
  }

  // Each side is coloured as the text it is, so that a comment over several lines is seen as one.
  async colour(chunk, signal) {
    chunk.coloured = true;
    for (const side of ['old', 'new']) {
      const lines = joinParts(chunk.rows, side);
      const colours = await colourLines(lines.map(l => l.text), chunk.file.path, () => !signal.aborted && this.inView.has(key(chunk.file, chunk.number)));
      if (signal.aborted) return;
      if (colours === 'unwanted') {
        // It went out of view before there was time for it.
        chunk.coloured = false;
        return;
      }

      if (colours) spread(lines, colours, side);
    }

    this.drawn(chunk.file, chunk.number * chunkSize, (chunk.number + 1) * chunkSize);
  }
}

function spread(lines, colours, side) {
  lines.forEach((line, i) => {
    let start = 0;
    for (const cell of line.cells) {
      const tokens = within(colours[i] ?? [], start, cell.t.length);
      start += cell.t.length;
      // A context line has both sides' colours; the new side's stay.
      if (tokens.length > 0 && (side === 'new' || cell.k !== 'a')) cell.tokens = tokens;
    }
  });
}

const key = (file, number) => `${file.index}/${number}`;

// Lines of one side; the parts of a wrapped line are put together again.
function joinParts(rows, side) {
  const lines = [];
  for (const row of rows) {
    const cells = side === 'old' ? [row.l ?? (row.r?.k === 'c' ? row.r : null)] : [row.r];
    for (const cell of cells) {
      if (!cell || (side === 'old' && cell.k === 'a')) continue;
      const continues = cell.o === undefined && cell.n === undefined && lines.length > 0;
      if (!continues) lines.push({ text: '', cells: [] });
      lines.at(-1).text += cell.t;
      lines.at(-1).cells.push(cell);
    }
  }

  return lines;
}

function within(tokens, start, length) {
  const cut = [];
  for (const [from, size, name] of tokens) {
    const a = Math.max(from, start);
    const b = Math.min(from + size, start + length);
    if (b > a) cut.push([a - start, b - a, name]);
  }

  return cut;
}
