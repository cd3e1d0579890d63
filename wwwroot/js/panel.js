// The line between conversation and panel: dragged or moved by arrow keys, remembered in this browser.
export function attach(handle) {
  const split = handle.parentElement;
  const root = document.documentElement;
  const current = () => parseFloat(getComputedStyle(root).getPropertyValue('--panel')) || 50;
  const set = percent => {
    const kept = Math.round(Math.max(25, Math.min(75, percent)) * 10) / 10;
    root.style.setProperty('--panel', `${kept}%`);
    handle.setAttribute('aria-valuenow', String(Math.round(kept)));
    try { localStorage.setItem('panel', String(kept)); } catch { /* holds until the page is left */ }
  };
  handle.setAttribute('aria-valuenow', String(Math.round(current())));

  handle.addEventListener('pointerdown', event => {
    handle.setPointerCapture(event.pointerId);
    root.toggleAttribute('data-dragging', true);
  });
  handle.addEventListener('pointermove', event => {
    if (!handle.hasPointerCapture(event.pointerId)) return;
    const box = split.getBoundingClientRect();
    set((box.right - event.clientX) / box.width * 100);
  });
  const end = () => root.removeAttribute('data-dragging');
  handle.addEventListener('pointerup', end);
  handle.addEventListener('pointercancel', end);
  handle.addEventListener('dblclick', () => set(50));
  handle.addEventListener('keydown', event => {
    const step = { ArrowLeft: 2, ArrowRight: -2 }[event.key];
    if (step) {
      event.preventDefault();
      set(current() + step);
    }
  });
}
