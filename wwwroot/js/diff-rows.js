// The elements of the rows. Text comes in by textContent alone.
import { button, element } from './diff-list.js';
import { appendText, fillLine } from './diff-text.js';

const kinds = { Added: 'new', Deleted: 'deleted', Renamed: 'renamed', Copied: 'copied' };

export function fileHead(changes, file) {
  const head = element('div', 'file-head');
  head.dataset.file = file.index;
  const cell = head.appendChild(cellOf('div', 'file-line'));
  const folded = changes.isFolded(file);
  const fold = cell.appendChild(button('fold', folded ? 'Show this file' : 'Fold this file', 'fold', folded ? '▸' : '▾'));
  fold.setAttribute('aria-expanded', String(!folded));
  cell.append(pathOf(file));
  const kind = kinds[file.kind];
  if (kind) cell.append(element('span', `pill kind-${kind}`, kind));
  if (file.oldMode && file.newMode && file.oldMode !== file.newMode) cell.append(element('span', 'pill', `mode ${file.oldMode} → ${file.newMode}`));
  if (file.binary) cell.append(element('span', 'pill', 'binary'));
  cell.append(element('span', 'grow'));
  if (file.added) cell.append(element('span', 'plus', `+${file.added.toLocaleString('en')}`));
  if (file.removed) cell.append(element('span', 'minus', `−${file.removed.toLocaleString('en')}`));
  if (file.kind !== 'Deleted') {
    const open = cell.appendChild(element('a', 'open-file', 'Open'));
    open.href = new URL(`repositories/${changes.options.repository}/files/${changes.data.commit}/${file.path.split('/').map(encodeURIComponent).join('/')}`, document.baseURI).href;
    open.title = 'Open the whole file as it is after this change';
  }

  const picked = changes.picks.hasAll(file);
  const pick = cell.appendChild(button('pick-file', picked ? 'Do not select this file after all' : 'Select all of this file, to take or drop it', 'pick-file', picked ? '✓ selected' : 'select'));
  pick.setAttribute('aria-pressed', String(picked));
  pick.dataset.hunk = 'all';
  const label = cell.appendChild(element('label', 'viewed'));
  const box = label.appendChild(element('input'));
  box.type = 'checkbox';
  box.checked = changes.isViewed(file);
  box.dataset.action = 'view-file';
  label.append(element('span', null, 'viewed'));
  return head;
}

function pathOf(file) {
  const path = element('span', 'path');
  path.title = file.old ? `${file.old} → ${file.path}` : file.path;
  if (file.old) {
    appendText(path.appendChild(element('span', 'folder')), `${file.old} → `);
  }

  const slash = file.path.lastIndexOf('/') + 1;
  const folder = path.appendChild(element('span', 'folder'));
  appendText(folder, file.path.slice(0, slash));
  appendText(path.appendChild(element('b')), file.path.slice(slash));
  return path;
}

export function gapRow(changes, block) {
  const row = element('div', 'gap');
  row.dataset.file = block.file.index;
  const cell = row.appendChild(cellOf('div', 'gap-line'));
  const { hunk, gap } = block;
  if (changes.cursor?.path === block.file.path && changes.cursor.hunk === gap && hunk) row.classList.add('current');
  if (block.hides) {
    const some = block.lines === null || block.lines > 20;
    const expand = (side, count, label, text) => {
      const made = cell.appendChild(button('expand', label, 'expand', text));
      // What is read out begins with what is seen, so that a voice can name it.
      made.setAttribute('aria-label', `${text}: ${label}`);
      Object.assign(made.dataset, { gap, side, count });
    };
    if (some && gap > 0) expand('up', 20, 'Show 20 more lines below', '↓ 20');
    if (some && hunk) expand('down', 20, 'Show 20 more lines above', '↑ 20');
    if (block.lines !== null) expand(hunk ? 'down' : 'up', Math.min(block.lines, 1000), block.lines > 1000 ? 'Show 1,000 more lines' : 'Show all hidden lines', `⋯ ${block.lines.toLocaleString('en')} ${block.lines === 1 ? 'line' : 'lines'}`);
    else expand('up', 1000, 'Show the rest of the file', '⋯ to the end');
  }

  if (block.problem) cell.append(element('span', 'bad', block.problem));
  else if (hunk) {
    const place = hunk.new[1] > 0 ? `${hunk.new[0]}–${hunk.new[0] + hunk.new[1] - 1}` : `${hunk.old[0]}–${hunk.old[0] + hunk.old[1] - 1}`;
    const section = cell.appendChild(element('span', 'section'));
    appendText(section, hunk.section ? `${place} · ${hunk.section}` : place);
  }

  cell.append(element('span', 'grow'));
  if (hunk) {
    const picked = changes.picks.has(block.file, hunk);
    const pick = cell.appendChild(button('pick-hunk', picked ? 'Do not select this hunk after all (x)' : 'Select this hunk, to take or drop it (x)', 'pick-hunk', picked ? '✓ selected' : 'select'));
    pick.setAttribute('aria-pressed', String(picked));
    pick.dataset.hunk = gap;
    row.classList.toggle('picked', picked);
  }

  if (hunk && block.file.hunks.length > 1) {
    const viewed = changes.viewed.has(hunk.hash);
    const mark = cell.appendChild(button('view-hunk', viewed ? 'Not viewed after all' : 'Mark this hunk as viewed', 'view-hunk', viewed ? '✓ viewed' : 'mark viewed'));
    mark.setAttribute('aria-pressed', String(viewed));
    mark.dataset.hash = hunk.hash;
  }

  return row;
}

export function noteRow(changes, file) {
  const row = element('div', 'note');
  const cell = row.appendChild(cellOf('div'));
  if (file.tooLarge) {
    cell.append('This file is too large to show here. ');
    const link = cell.appendChild(element('a', 'link', 'Download the patch'));
    link.href = new URL(`api/v1/attempts/${changes.options.attempt}/diff`, document.baseURI).href;
    link.download = 'change.patch';
  } else {
    cell.append(file.binary ? 'A binary file: it has no lines to show.'
      : file.kind === 'Renamed' ? 'Moved without other changes.'
        : file.kind === 'Copied' ? 'Copied without other changes.'
          : file.oldMode !== file.newMode && file.oldMode && file.newMode ? 'Only its mode changed.'
            : file.kind === 'Added' ? 'A new, empty file.' : 'It has no lines to show.');
  }

  return row;
}

export function imageRow(file, address) {
  const row = element('div', 'images');
  const cell = row.appendChild(cellOf('div', 'image-pair'));
  for (const [side, name] of [['old', 'Before'], ['new', 'After']]) {
    if ((side === 'old' && file.kind === 'Added') || (side === 'new' && file.kind === 'Deleted')) continue;
    const figure = cell.appendChild(element('figure'));
    figure.append(element('figcaption', null, name));
    const image = figure.appendChild(element('img'));
    image.alt = `${file.path} ${name.toLowerCase()} the change`;
    image.loading = 'lazy';
    image.src = new URL(address(side), document.baseURI).href;
    image.addEventListener('error', () => image.replaceWith(element('span', 'muted', 'This picture cannot be shown.')));
  }

  return row;
}

/** One row of code; null for one that is still on its way. */
export function codeRow(changes, block, row, index) {
  const split = changes.view === 'split';
  const made = element('div', split ? 'row split-row' : 'row');
  made.dataset.file = block.file.index;
  if (index !== undefined) made.dataset.row = index;
  if (!row) {
    made.classList.add('coming');
    return made;
  }

  if (split) {
    half(made, 'left', row.l, row.l?.o, block.file);
    half(made, 'right', row.r, row.r?.n, block.file);
    return made;
  }

  const cell = row.r ?? row.l;
  made.classList.add(classes[cell.k]);
  made.append(number('n left', cell.o), number('n right', cell.n), sign(cell), text(cell, block.file));
  return made;
}

const classes = { a: 'added', r: 'removed', c: 'context' };
const signs = { a: '+', r: '−', c: ' ' };

function half(row, side, cell, line, file) {
  const name = cell ? classes[cell.k] : 'absent';
  const group = row.appendChild(element('div', `half ${side} ${name}`));
  group.setAttribute('role', 'presentation');
  group.append(number(`n ${side}`, line), cell ? sign(cell) : element('span', 's'), cell ? text(cell, file) : cellOf('span', 't'));
}

function number(className, line) {
  const made = cellOf('span', className);
  if (line !== undefined) {
    // Drawn by the style sheet: numbers are not copied along with the code.
    made.dataset.line = line;
    made.title = 'Comment on this line';
  }

  return made;
}

function sign(cell) {
  return element('span', 's', cell.o === undefined && cell.n === undefined ? ' ' : signs[cell.k]);
}

function text(cell, file) {
  const made = cellOf('span', 't');
  fillLine(made, cell.t, cell.m, cell.tokens, file.mixedEndings);
  if (cell.x) made.append(element('span', 'left-out', `… ${cell.x.toLocaleString('en')} more bytes`));
  if (cell.e) made.append(element('span', 'left-out', 'no line feed at the end'));
  return made;
}

export function draftBlock(changes, block) {
  const { draft } = block;
  const row = element('div', 'draft');
  const card = row.appendChild(cellOf('div', 'card thread'));
  const top = card.appendChild(element('div', 'thread-top'));
  top.append(element('b', null, 'You'), element('span', 'muted', ` draft · ${draft.side === 'old' ? 'removed line' : 'line'} ${draft.line}`), element('span', 'grow'));
  for (const [action, label] of [['edit-draft', 'Edit'], ['drop-draft', 'Remove']]) {
    const made = top.appendChild(button('link', label, action));
    made.dataset.draft = draft.id;
  }

  appendText(card.appendChild(element('div', 'thread-text')), draft.text);
  return row;
}

export function editorBlock(changes, block) {
  const { draft } = block;
  const row = element('div', 'draft editor');
  const card = row.appendChild(cellOf('div', 'card thread'));
  const lines = draft.firstLine && draft.firstLine < draft.line ? `lines ${draft.firstLine}–${draft.line}` : `line ${draft.line}`;
  const label = card.appendChild(element('label', 'thread-top muted', `Comment on ${draft.side === 'old' ? 'removed ' : ''}${lines}`));
  const box = card.appendChild(element('textarea', 'input'));
  box.id = 'diff-comment';
  label.htmlFor = box.id;
  box.rows = 3;
  box.maxLength = 4000;
  box.placeholder = 'What should change here? Shift-click another line number for a range.';
  box.value = draft.typed ?? draft.text;
  box.addEventListener('keydown', event => {
    if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      changes.edit(null);
    } else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      changes.keepDraft(box.value);
    }
  });
  const foot = card.appendChild(element('div', 'thread-foot'));
  foot.append(element('span', 'draft-problem bad'), element('span', 'grow'), button('button small', 'Cancel', 'cancel-draft'), button('button small accent', draft.isNew ? 'Add comment' : 'Keep', 'keep-draft'));
  return row;
}

function cellOf(tag, className) {
  const made = element(tag, className);
  made.setAttribute('role', 'cell');
  return made;
}
