// A box to write in: grows with its text, keeps its draft in the browser, sends by key, offers what was sent before.
// The text stays here until it is sent, so that typing needs no connection and a long prompt no large message.
import { attachFiles } from './attachments.js';
import { showLinks } from './prompt-links.js';
import { offerMenus } from './prompt-menu.js';

const pastKey = 'past-prompts';
const longestDraft = 1_500_000;

const read = key => {
  try { return localStorage.getItem(key); } catch { return null; }
};
const write = (key, value) => {
  try {
    if (value) localStorage.setItem(key, value);
    else localStorage.removeItem(key);
  } catch { /* full or forbidden: the draft then lives as long as the page */ }
};
const past = () => {
  try { return JSON.parse(read(pastKey) ?? '[]'); } catch { return []; }
};

export function attach(box) {
  const key = `draft:${box.dataset.draft}`;
  offerMenus(box);
  let place = -1;
  let saving;

  const grow = () => {
    box.style.height = 'auto';
    box.style.height = `${Math.min(box.scrollHeight + 2, innerHeight * 0.5)}px`;
    box.toggleAttribute('data-filled', box.value.trim() !== '');
  };
  const set = text => {
    box.value = text;
    grow();
    box.setSelectionRange(text.length, text.length);
  };

  // What was typed before the connection stood stays.
  if (box.value === '') {
    const draft = read(key);
    if (draft) box.value = draft;
  }

  grow();
  box.addEventListener('input', () => {
    place = -1;
    grow();
    clearTimeout(saving);
    saving = setTimeout(() => write(key, box.value.length <= longestDraft ? box.value : null), 200);
  });
  addEventListener('pagehide', () => write(key, box.value.length <= longestDraft ? box.value : null));

  box.addEventListener('keydown', event => {
    if (event.isComposing) return;
    const press = name => {
      const button = box.closest('[data-composer]')?.querySelector(`[data-does="${name}"]:not(:disabled)`);
      if (button) {
        event.preventDefault();
        button.click();
      }
    };
    if (event.key === 'Enter') {
      if (event.ctrlKey || event.metaKey) press('send');
      else if (event.altKey) press('ask');
      else if (!event.shiftKey && box.dataset.enter === 'send') press('send');
    } else if (event.key === 'ArrowUp' && (box.value === '' || place >= 0)) {
      const prompts = past();
      if (place + 1 < prompts.length) {
        event.preventDefault();
        set(prompts[++place]);
      }
    } else if (event.key === 'ArrowDown' && place >= 0) {
      event.preventDefault();
      place--;
      set(place < 0 ? '' : past()[place]);
    }
  });
  const files = box.hasAttribute('data-files') ? attachFiles(box, read, write) : null;
  const links = showLinks(box);
  box.dataset.ready = '';
  box._composer = { key, set, files, links, cancel: () => clearTimeout(saving) };
}

// A blob goes over in pieces, whatever its size. It is never empty: an empty one would be waited for.
export const text = box => new Blob([box.value || ' ']);

// What goes along with it, once all of it has come to the server.
export const files = async box => await box._composer?.files?.settled() ?? { ids: [], problem: null };

export function sent(box) {
  const value = box.value.trim();
  box._composer?.cancel();
  if (value && value.length <= 20_000) write(pastKey, JSON.stringify([value, ...past().filter(p => p !== value)].slice(0, 50)));
  write(box._composer?.key, null);
  box._composer?.set('');
  box._composer?.files?.clear();
  box._composer?.links.clear();
}

export function focus(box) {
  box.focus();
}
