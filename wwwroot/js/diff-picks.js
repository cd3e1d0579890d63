// The hunks a person selected, to take them over or to drop them. They are named as the server names them: by content and first line.

export const nameOf = (file, hunk) => hunk ? `${hunk.hash}@${hunk.old[0]}` : file.hash;

const namesOf = file => file.hunks.length > 0 ? file.hunks.map(hunk => nameOf(file, hunk)) : [nameOf(file, null)];

export class Picks {
  /** @param changed called with all names after each change */
  constructor(changed) {
    this.changed = changed;
    this.names = new Set();
  }

  has(file, hunk) { return this.names.has(nameOf(file, hunk)); }

  hasAll(file) { return namesOf(file).every(name => this.names.has(name)); }

  toggle(file, hunk) { this.set([nameOf(file, hunk)], !this.has(file, hunk)); }

  toggleAll(file) { this.set(namesOf(file), !this.hasAll(file)); }

  clear() { this.set([...this.names], false); }

  /** Forgets what the change does not have any more. */
  keep(files) {
    const there = new Set(files.flatMap(namesOf));
    this.set([...this.names].filter(name => !there.has(name)), false);
  }

  set(names, picked) {
    const before = this.names.size;
    for (const name of names) {
      if (picked) this.names.add(name);
      else this.names.delete(name);
    }

    if (this.names.size !== before) this.changed([...this.names]);
  }
}
