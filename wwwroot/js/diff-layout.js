// Which block stands where: headings, hunks, what is hidden between them, comments. A block takes so many units of the list.

const headUnits = 2;
const imageUnits = 11;
const editorUnits = 8;

/** @returns blocks in order: { kind, file, start, units, … } */
export function buildLayout(files, state) {
  const blocks = [];
  let at = 0;
  const push = (kind, file, units, more) => {
    blocks.push({ kind, file, start: at, units, ...more });
    at += units;
  };
  for (const file of files) {
    push('head', file, headUnits);
    if (!state.isFolded(file)) pushBody(file, state, push);
    push('space', file, 1);
  }

  return blocks;
}

function pushBody(file, state, push) {
  if (file.image) push('image', file, imageUnits);
  else if (file.hunks.length === 0) push('note', file, 2);
  const drafts = state.draftsOf(file);
  for (let gap = 0; gap <= file.hunks.length && file.hunks.length > 0; gap++) {
    const hunk = file.hunks[gap];
    pushGap(file, gap, hunk, state.expansion(file, gap), push);
    if (!hunk) break;
    // A comment stands below its line, so it cuts the hunk in two.
    let from = hunk.row;
    const end = hunk.row + hunk.rows;
    const inside = [...drafts, ...(state.editing?.path === file.path ? [state.editing] : [])].filter(d => d.row >= hunk.row && d.row < end).sort((a, b) => a.row - b.row);
    for (const draft of inside) {
      if (draft.row + 1 > from) push('hunk', file, draft.row + 1 - from, { hunk, from });
      from = Math.max(from, draft.row + 1);
      if (draft === state.editing) push('editor', file, editorUnits, { hunk, draft });
      else push('draft', file, draftUnits(draft), { hunk, draft });
    }

    if (end > from) push('hunk', file, end - from, { hunk, from });
  }
}

function pushGap(file, gap, hunk, expansion, push) {
  if (expansion?.up.length) push('context', file, expansion.up.length, { rows: expansion.up });
  const { from, to } = gapRange(file, gap, expansion);
  const hides = to === null ? file.kind !== 'Deleted' && file.kind !== 'Added' : to >= from;
  if (hunk || hides) push('gap', file, 1, { gap, hunk, hides, lines: to === null ? null : to - from + 1, problem: expansion?.problem });
  if (expansion?.down.length) push('context', file, expansion.down.length, { rows: expansion.down });
}

// Enough rows for the text at a narrow width; what does not fit is scrolled inside.
function draftUnits(draft) {
  const rows = draft.text.split('\n').reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / 60)), 0);
  return Math.min(12, 3 + rows);
}

/** Index of the block that has a unit. */
export function blockIndex(blocks, at) {
  let low = 0;
  let high = blocks.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (blocks[middle].start <= at) low = middle;
    else high = middle - 1;
  }

  return low;
}

/** The lines after the change that a gap still hides; to is null while the end of the file is not known. */
export function gapRange(file, gap, expansion) {
  const before = file.hunks[gap - 1];
  const after = file.hunks[gap];
  // A side without lines names the line before the place.
  const from = (before ? before.new[0] + (before.new[1] || 1) : 1) + (expansion?.upLines ?? 0);
  const last = after ? after.new[0] - (after.new[1] === 0 ? 0 : 1) : expansion?.total ?? null;
  return { from, to: last === null ? null : last - (expansion?.downLines ?? 0) };
}
