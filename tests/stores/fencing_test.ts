/**
 * What fencing is for: the same story of a deposed leader, with and without it.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Store } from "../../core/ports.ts";
import { openKvStores } from "../../runtime/store/mod.ts";
import { openPostgresStores } from "../../runtime/store/postgres/mod.ts";
import { useSchemas } from "../postgres/schemas.ts";

type Event = { n: number };
type Runs = Store<Event>;

const { withSchema } = useSchemas();
const holder = (nodeId: string) => ({ nodeId, host: "h", pid: 1, processStart: "s" });
const numbered = (n: number) => ({ records: [{ runId: "r", events: [{ n }] }] });

/** Two nodes; the first is deposed, does not know, and writes on. */
async function writeAfterFall(
  first: Runs,
  second: Runs,
): Promise<{ refusals: string[]; numbers: number[] }> {
  const old = await first.claim(0, holder("a"), 0);
  await first.append(old, numbered(1));
  const heir = await second.claim(0, holder("b"), old.term);
  await second.append(heir, numbered(2));
  const refusals: string[] = [];
  for (const n of [98, 99]) {
    await first.append(old, numbered(n)).catch(({ code }) => refusals.push(code));
  }
  await second.append(heir, numbered(3));
  const segments = await Array.fromAsync(second.read(0, 1));
  const records = segments.flatMap((segment) => segment.records);
  return { refusals, numbers: records.flatMap(({ events }) => events.map(({ n }) => n)) };
}

type Story = (isFenced: boolean) => Promise<{ refusals: string[]; numbers: number[] }>;

const onKvFile: Story = async (isFenced) => {
  const folder = await Deno.makeTempDir();
  const open = () => openKvStores<Event, never>(`${folder}/store.kv`, { isFenced });
  const [one, two] = [await open(), await open()];
  try {
    return await writeAfterFall(one.runs, two.runs);
  } finally {
    one.close();
    two.close();
    await Deno.remove(folder, { recursive: true });
  }
};

const onPostgres: Story = (isFenced) =>
  withSchema(async ({ url }) => {
    const open = () => openPostgresStores<Event, never>(url, { isFenced });
    const [one, two] = [await open(), await open()];
    try {
      return await writeAfterFall(one.runs, two.runs);
    } finally {
      await Promise.all([one.close(), two.close()]);
    }
  });

for (const [name, story] of Object.entries({ "KV file": onKvFile, PostgreSQL: onPostgres })) {
  Deno.test(`${name}: a deposed leader is refused, and its heir's journal stays whole`, async () => {
    const { refusals, numbers } = await story(true);
    assert.deepEqual(refusals, ["FENCED", "FENCED"]);
    assert.deepEqual(numbers, [1, 2, 3]);
  });

  Deno.test(`${name}: without fencing a deposed leader damages its heir's journal`, async () => {
    const { refusals, numbers } = await story(false);
    assert.deepEqual(refusals, []);
    assert.notDeepEqual(numbers, [1, 2, 3]);
    assert.ok(numbers.includes(98), `${numbers}`);
  });
}
