// Menus of the box to write in: @ for files, $ for skills, / for templates. The list is the browser's top layer; the cursor never leaves the box.
const kinds = {
  '@': { label: 'Files', none: 'No file fits.' },
  $: { label: 'Skills', none: 'No skill fits. A repository keeps its skills in .agents/skills, each a folder with a SKILL.md.' },
  '/': { label: 'Templates', none: 'No template fits. Settings › Templates makes them.' },
};
const field = /\{\{[^{}\n]{1,80}\}\}/g;

// What is typed before the cursor, when it is a menu's: its sign, what follows, and where it begins.
function typed(box) {
  if (box.selectionStart !== box.selectionEnd) return null;
  const before = box.value.slice(0, box.selectionStart);
  const template = /^\/([a-z0-9-]*)$/.exec(before);
  if (template) return { sign: '/', query: template[1], start: 0 };
  const other = /(?:^|[\s([])([@$])([^\s@`]{0,200})$/.exec(before);
  return other ? { sign: other[1], query: other[2], start: before.length - other[2].length - 1 } : null;
}

async function fetched(path, data) {
  const address = new URL(path, location.origin);
  for (const [name, value] of Object.entries(data)) if (value) address.searchParams.set(name, value);
  const answer = await fetch(address);
  if (!answer.ok) throw new Error((await answer.json().catch(() => null))?.detail ?? `The server answered ${answer.status}.`);
  return answer.json();
}

const fits = (text, query) => text.toLowerCase().includes(query.toLowerCase());

async function choices(box, { sign, query }) {
  const place = { repository: box.dataset.repository, at: box.dataset.at };
  if (sign === '@') {
    if (!place.repository) return { items: [], more: 0 };
    const { paths, found } = await fetched('/prompt/files', { ...place, query });
    return { items: paths.map(path => ({ name: path.slice(path.lastIndexOf('/') + 1), note: path, text: `\`${path}\` ` })), more: found - paths.length };
  }
  if (sign === '$') {
    const skills = place.repository ? await fetched('/prompt/skills', place) : [];
    return { items: skills.filter(skill => fits(skill.name, query)).map(({ name, description }) => ({ name, note: description, text: `$${name} ` })), more: 0 };
  }
  const templates = await fetched('/prompt/templates', {});
  return { items: templates.filter(({ name }) => fits(name, query)).map(({ name, description, text }) => ({ name: `/${name}`, note: description || text, text })), more: 0 };
}

export function offerMenus(box) {
  const list = document.getElementById(`${box.id}-menu`);
  const options = list.querySelector('[role="listbox"]');
  const status = list.querySelector('[role="status"]');
  let shown = null;
  let asked = 0;
  let waiting;

  const close = () => {
    asked++;
    clearTimeout(waiting);
    if (!shown) return;
    shown = null;
    list.hidePopover();
    box.removeAttribute('aria-activedescendant');
  };

  const place = () => {
    const around = box.getBoundingClientRect();
    const below = innerHeight - around.bottom;
    list.style.left = `${around.left}px`;
    list.style.width = `${Math.min(around.width, 560)}px`;
    const above = below < 260 && around.top > below;
    list.style.maxHeight = `${Math.max(140, Math.min(320, (above ? around.top : below) - 16))}px`;
    list.style.top = above ? '' : `${around.bottom + 4}px`;
    list.style.bottom = above ? `${innerHeight - around.top + 4}px` : '';
  };

  const mark = at => {
    shown.at = at;
    [...options.children].forEach((option, number) => {
      option.setAttribute('aria-selected', number === at ? 'true' : 'false');
      if (number === at) {
        box.setAttribute('aria-activedescendant', option.id);
        option.scrollIntoView({ block: 'nearest' });
      }
    });
  };

  const pick = item => {
    const { sign, start } = shown.typed;
    close();
    box.focus();
    box.setSelectionRange(start, box.selectionStart);
    // As if typed, so that it can be undone.
    if (!document.execCommand('insertText', false, item.text)) box.setRangeText(item.text, start, box.selectionStart, 'end');
    box.dispatchEvent(new Event('input', { bubbles: true }));
    if (sign === '/') {
      box.setSelectionRange(0, 0);
      nextField(1);
    }
    close();
  };

  const show = (now, { items, more }, problem) => {
    shown = { typed: now, items, at: 0 };
    options.setAttribute('aria-label', kinds[now.sign].label);
    options.replaceChildren(...items.map((item, number) => {
      const option = document.createElement('div');
      option.id = `${list.id}-${number}`;
      option.setAttribute('role', 'option');
      const name = document.createElement('b');
      name.textContent = item.name;
      const note = document.createElement('span');
      note.textContent = item.note;
      option.append(name, note);
      option.addEventListener('mousedown', event => {
        event.preventDefault();
        pick(item);
      });
      return option;
    }));
    status.textContent = problem ?? (items.length === 0 ? kinds[now.sign].none : more > 0 ? `${more.toLocaleString('en')} more. Type on to find them.` : '');
    status.hidden = status.textContent === '';
    if (!list.matches(':popover-open')) list.showPopover();
    place();
    if (items.length > 0) mark(0);
    else box.removeAttribute('aria-activedescendant');
  };

  const look = () => {
    const now = typed(box);
    if (!now) return close();
    const mine = ++asked;
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      try {
        const found = await choices(box, now);
        if (mine === asked) show(now, found);
      } catch (error) {
        if (mine === asked) show(now, { items: [], more: 0 }, error.message);
      }
    }, shown ? 60 : 0);
  };

  // Selects the next field of a template; false when there is none.
  const nextField = direction => {
    const all = [...box.value.matchAll(field)];
    const next = direction > 0
      ? all.find(found => found.index >= box.selectionEnd || (found.index === box.selectionStart && box.selectionStart === box.selectionEnd))
      : all.findLast(found => found.index + found[0].length <= box.selectionStart);
    if (!next) return false;
    box.setSelectionRange(next.index, next.index + next[0].length);
    return true;
  };

  box.addEventListener('input', look);
  box.addEventListener('click', look);
  box.addEventListener('blur', close);
  addEventListener('resize', close);
  // Before all others: while a menu is open, its keys are the menu's.
  box.addEventListener('keydown', event => {
    if (event.isComposing) return;
    const take = () => {
      event.preventDefault();
      event.stopImmediatePropagation();
    };
    if (shown) {
      const count = shown.items.length;
      if (event.key === 'Escape') {
        take();
        close();
        return;
      }
      if (count > 0 && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
        take();
        mark((shown.at + (event.key === 'ArrowDown' ? 1 : count - 1)) % count);
        return;
      }
      if (count > 0 && (event.key === 'Enter' || event.key === 'Tab') && !event.shiftKey && !event.ctrlKey && !event.metaKey && !event.altKey) {
        take();
        pick(shown.items[shown.at]);
        return;
      }
    }
    if (event.key === 'Tab' && !event.ctrlKey && !event.metaKey && !event.altKey && nextField(event.shiftKey ? -1 : 1)) take();
    else if (event.key === 'ArrowLeft' || event.key === 'ArrowRight' || event.key === 'Home' || event.key === 'End') close();
  }, true);
}
