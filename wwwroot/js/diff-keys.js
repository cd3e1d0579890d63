// The keys of the review. They hold while the changes are in sight and nobody types.

const typing = target => target instanceof HTMLElement && (target.isContentEditable || /^(TEXTAREA|SELECT)$/.test(target.tagName) || (target.tagName === 'INPUT' && target.type !== 'checkbox'));

export function attachKeys(changes) {
  const actions = {
    j: () => changes.moveHunk(1),
    k: () => changes.moveHunk(-1),
    ']': () => changes.moveFile(1),
    '[': () => changes.moveFile(-1),
    v: () => changes.viewHunk(),
    c: () => changes.commentHunk(),
    x: () => changes.pickHunk(),
    s: () => changes.set('split', !changes.settings.split),
  };
  const listener = event => {
    const action = actions[event.key];
    if (!action || event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (typing(event.target) || document.querySelector('dialog[open]') || changes.root.clientWidth === 0 || changes.data.files.length === 0) return;
    event.preventDefault();
    action();
  };
  // Before the page's own keys, some of which are the same letters.
  document.addEventListener('keydown', listener, true);
  return () => document.removeEventListener('keydown', listener, true);
}
