/**
 * What every {@linkcode AuditStore} does, as tests by name; each is given an empty store of its own.
 *
 * @module
 */
import assert from "node:assert/strict";
import { AUDIT_GENESIS, type AuditStore } from "../../core/audit_log.ts";

export const head = (seq: number) => ({ seq, hash: `hash-${seq}` });
export const lines = (from: number, count: number) =>
  Array.from({ length: count }, (_, at) => ({ seq: from + at, text: `entry ${from + at} ü` }));

/** The contract: every store passes it. */
export const AUDIT_STORE_CONTRACT: Record<string, (store: AuditStore) => Promise<void>> = {
  "append() adds lines and moves the head": async (store) => {
    assert.deepEqual(await store.head(), AUDIT_GENESIS);
    assert.deepEqual(await store.lines(1, 9), []);
    assert.equal(await store.append(lines(1, 3), AUDIT_GENESIS, head(3)), true);
    assert.equal(await store.append(lines(4, 40), head(3), head(43)), true);
    assert.deepEqual(await store.head(), head(43));
    assert.deepEqual(await store.lines(1, 100), lines(1, 43));
    assert.deepEqual(await store.lines(40, 2), lines(40, 2));
    assert.deepEqual(await store.lines(44, 2), []);
  },
  "append() writes nothing behind another head": async (store) => {
    assert.equal(await store.append(lines(1, 1), AUDIT_GENESIS, head(1)), true);
    assert.equal(await store.append(lines(1, 1), AUDIT_GENESIS, head(1)), false);
    const forged = { seq: 1, hash: "another" };
    assert.equal(await store.append(lines(2, 1), forged, head(2)), false);
    assert.deepEqual(await store.lines(0, 9), lines(1, 1));
  },
  "append() lets one of several win": async (store) => {
    const appends = [1, 2, 3, 4].map(() => store.append(lines(1, 2), AUDIT_GENESIS, head(2)));
    assert.equal((await Promise.all(appends)).filter((isWon) => isWon).length, 1);
    assert.deepEqual(await store.lines(1, 9), lines(1, 2));
  },
};
