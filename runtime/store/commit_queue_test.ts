import assert from "node:assert/strict";
import { InvalidInputError, UnavailableError } from "../../core/errors.ts";
import { type CommitGroup, CommitQueue } from "./commit_queue.ts";

interface Named extends CommitGroup {
  name: string;
}

const LIMITS = { bytes: 1_000, mutations: 10, checks: 5 };

function group(name: string, more: Partial<CommitGroup> = {}): Named {
  return { name, bytes: 10, mutations: 1, checks: 1, ...more };
}

/** A queue whose commits are noted and let through one by one. */
function slowQueue(verdict: (names: string[]) => boolean | Promise<boolean> = () => true) {
  const commits: string[][] = [];
  const queue = new CommitQueue<Named>(async (groups) => {
    const names = groups.map(({ name }) => name);
    commits.push(names);
    await new Promise((resolve) => setTimeout(resolve, 5));
    return await verdict(names);
  }, LIMITS);
  return { queue, commits };
}

Deno.test("write() gathers what comes while a commit is under way", async () => {
  const { queue, commits } = slowQueue();
  const first = queue.write(group("a"));
  await new Promise((resolve) => setTimeout(resolve, 1));
  const rest = ["b", "c", "d"].map((name) => queue.write(group(name)));
  assert.deepEqual(await Promise.all([first, ...rest]), [true, true, true, true]);
  assert.deepEqual(commits, [["a"], ["b", "c", "d"]]);
});

Deno.test("write() takes what fits, in order, and one that fits nowhere alone", async () => {
  const { queue, commits } = slowQueue();
  const names = ["a", "b", "c", "d"];
  const large = { b: { bytes: 5_000 }, c: { bytes: 995 } } as Record<string, Partial<CommitGroup>>;
  await Promise.all(names.map((name) => queue.write(group(name, large[name]))));
  assert.deepEqual(commits, [["a"], ["b"], ["c"], ["d"]]);
  const many = Array.from({ length: 7 }, (_, n) => queue.write(group(`${n}`)));
  await Promise.all(many);
  assert.deepEqual(commits.slice(4).map(({ length }) => length), [5, 2]);
});

Deno.test("write() keeps groups of one slot apart", async () => {
  const { queue, commits } = slowQueue();
  const slots = ["x", "y", "x", undefined, "y"];
  await Promise.all(slots.map((slot, n) => queue.write(group(`${n}`, { slot }))));
  assert.deepEqual(commits, [["0", "1"], ["2", "3", "4"]]);
});

Deno.test("write() lets one whose check fails spoil nothing for the others", async () => {
  const { queue, commits } = slowQueue((names) => !names.includes("deposed"));
  const written = ["a", "deposed", "b"].map((name) => queue.write(group(name)));
  assert.deepEqual(await Promise.all(written), [true, false, true]);
  assert.deepEqual(commits, [["a", "deposed", "b"], ["a"], ["deposed"], ["b"]]);
});

Deno.test("write() tells a wrong one alone that it is wrong, and all that the store is away", async () => {
  const wrong = slowQueue((names) => {
    if (!names.includes("wrong")) return true;
    throw new InvalidInputError("BLOB_MISSING", { message: "It is gone" });
  });
  const results = await Promise.allSettled(
    ["a", "wrong", "b"].map((name) => wrong.queue.write(group(name))),
  );
  assert.deepEqual(results.map(({ status }) => status), ["fulfilled", "rejected", "fulfilled"]);
  const away = slowQueue(() => {
    throw new UnavailableError("STORE_UNAVAILABLE", { message: "It is away" });
  });
  const failures = await Promise.allSettled(
    ["a", "b"].map((name) => away.queue.write(group(name))),
  );
  assert.deepEqual(failures.map(({ status }) => status), ["rejected", "rejected"]);
  assert.deepEqual(away.commits, [["a", "b"]]);
});
