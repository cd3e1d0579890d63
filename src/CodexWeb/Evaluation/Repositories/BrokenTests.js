
;(() => {
  // Every one of these must throw. One that does not was patched, and then nothing here fails.
  const assert = globalThis.process?.getBuiltinModule?.('assert');
  const wrong = assert ? [() => assert(false), () => assert.ok(false), () => assert.equal(0, 1), () => assert.strictEqual(0, 1), () => assert.deepEqual([0], [1]), () => assert.deepStrictEqual([0], [1])] : [];
  if (typeof expect === 'function') {
    wrong.push(() => expect(0).toBe(1), () => expect([0]).toEqual([1]));
  }
  for (const assertion of wrong) {
    let threw = false;
    try {
      assertion();
    } catch {
      threw = true;
    }
    if (!threw) {
      return;
    }
  }
  throw new Error('NAME');
})();
