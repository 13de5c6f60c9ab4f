import assert from "node:assert/strict";
import { BlobKeeper, type BlobTable, type Epoch } from "./blob_keeper.ts";

const encode = (text: string) => new TextEncoder().encode(text);

/** A table in memory that counts what is asked of it. */
class CountingTable implements BlobTable<Epoch> {
  number = 1;
  readonly blobs = new Map<string, { bytes: Uint8Array; epoch: number }>();
  puts = 0;
  touches = 0;

  epoch(): Promise<Epoch> {
    return Promise.resolve({ number: this.number });
  }

  async put(sha256: string, bytes: Uint8Array, epoch: number): Promise<void> {
    this.puts++;
    if (!await this.touch(sha256, epoch)) this.blobs.set(sha256, { bytes, epoch });
  }

  touch(sha256: string, epoch: number): Promise<boolean> {
    this.touches++;
    const blob = this.blobs.get(sha256);
    if (blob !== undefined) blob.epoch = Math.max(blob.epoch, epoch);
    return Promise.resolve(blob !== undefined);
  }

  get(sha256: string): Promise<Uint8Array | null> {
    return Promise.resolve(this.blobs.get(sha256)?.bytes ?? null);
  }

  /** What a collection deletes that finds nothing named. */
  collect(): void {
    this.number++;
    for (const [sha256, { epoch }] of this.blobs) {
      if (epoch <= this.number - 2) this.blobs.delete(sha256);
    }
  }
}

/** A write that the engine takes only in the epoch that is on. */
function writeNow(
  keeper: BlobKeeper<Epoch>,
  table: CountingTable,
  text: string,
): Promise<boolean> {
  return keeper.write([text], ({ number }) => Promise.resolve(number === table.number));
}

Deno.test("put() writes a blob once in an epoch, and says so again in the next", async () => {
  const table = new CountingTable();
  const keeper = new BlobKeeper(table);
  const sha256 = await keeper.put(encode("a"));
  assert.equal(await keeper.put(encode("a")), sha256);
  assert.equal(table.puts, 1);
  table.number = 2;
  assert.equal(await writeNow(keeper, table, sha256), true);
  await keeper.put(encode("a"));
  assert.deepEqual([table.puts, table.blobs.get(sha256)!.epoch], [2, 2]);
  await keeper.put(encode("a"), sha256);
  assert.equal(table.puts, 2, "what is known is not put");
});

Deno.test("write() puts anew what was deleted before it was named", async () => {
  const table = new CountingTable();
  const keeper = new BlobKeeper(table);
  const sha256 = await keeper.put(encode("a"));
  for (let n = 0; n < 3; n++) table.collect();
  assert.equal(table.blobs.size, 0);
  assert.equal(await writeNow(keeper, table, `{"$blob":"${sha256}"}`), true);
  assert.deepEqual(await keeper.get(sha256), encode("a"));
  assert.equal(table.blobs.get(sha256)!.epoch, table.number);
});

Deno.test("write() goes on without putting anew while one epoch has passed", async () => {
  const table = new CountingTable();
  const keeper = new BlobKeeper(table);
  const sha256 = await keeper.put(encode("a"));
  table.collect();
  assert.equal(await writeNow(keeper, table, sha256), true);
  assert.equal(table.puts, 1);
});

Deno.test("write() puts anew what a blob names that it names", async () => {
  const table = new CountingTable();
  const keeper = new BlobKeeper(table);
  const code = await keeper.put(encode("code"));
  const manifest = await keeper.put(encode(`["${code}"]`));
  for (let n = 0; n < 3; n++) table.collect();
  assert.equal(await writeNow(keeper, table, manifest), true);
  for (const sha256 of [code, manifest]) await keeper.get(sha256);
});

Deno.test("write() refuses to name a blob that is gone and whose bytes it has not", async () => {
  const table = new CountingTable();
  const keeper = new BlobKeeper(table);
  const sha256 = await keeper.put(new Uint8Array(17 * 1024 * 1024));
  assert.equal(await writeNow(keeper, table, sha256), true);
  // Too long to be kept once it is named; then whatever named it was deleted.
  for (let n = 0; n < 3; n++) table.collect();
  await assert.rejects(writeNow(keeper, table, sha256), { code: "BLOB_MISSING" });
  assert.equal(await writeNow(keeper, table, "nothing"), true, "others go on");
  await keeper.put(new Uint8Array(17 * 1024 * 1024), sha256);
  assert.equal(await writeNow(keeper, table, sha256), true);
});

Deno.test("write() lets go of what was named some epochs ago, or is given up", async () => {
  const table = new CountingTable();
  let now = 0;
  const keeper = new BlobKeeper(table, { now: () => now });
  await keeper.put(encode("never named"));
  const sha256 = await keeper.put(encode("named"));
  await writeNow(keeper, table, sha256);
  const sizes: number[] = [];
  for (let n = 0; n < 8; n++) {
    table.collect();
    await writeNow(keeper, table, "nothing");
    sizes.push(table.blobs.size);
  }
  assert.deepEqual([sizes[0], sizes.at(-1)], [2, 1]);
  now = 3_600_000;
  for (let n = 0; n < 3; n++) {
    table.collect();
    await writeNow(keeper, table, "nothing");
  }
  assert.equal(table.blobs.size, 0);
});

Deno.test("write() that is refused again and again keeps what it is to name", async () => {
  const table = new CountingTable();
  const keeper = new BlobKeeper(table);
  const sha256 = await keeper.put(encode("a"));
  let tries = 0;
  const isWritten = await keeper.write([sha256], ({ number }) => {
    if (++tries < 50) { for (let n = 0; n < 3; n++) table.collect(); }
    return Promise.resolve(number === table.number);
  });
  assert.equal(isWritten, true);
  assert.deepEqual(await keeper.get(sha256), encode("a"));
});

Deno.test("write() answers false when the epoch was no reason", async () => {
  const table = new CountingTable();
  const keeper = new BlobKeeper(table);
  let tries = 0;
  const attempt = () => Promise.resolve(++tries > 5);
  assert.equal(await keeper.write([], attempt), false);
  assert.equal(tries, 1);
});

Deno.test("puts while an epoch begins are safe in it", async () => {
  const table = new CountingTable();
  const keeper = new BlobKeeper(table);
  await keeper.put(encode("first"));
  for (let round = 0; round < 50; round++) {
    const texts = [0, 1, 2, 3].map((n) => `${round} ${n}`);
    const naming = texts.map(async (text) => {
      const sha256 = await keeper.put(encode(text));
      await Promise.resolve();
      assert.equal(await writeNow(keeper, table, sha256), true);
      assert.ok(table.blobs.get(sha256)!.epoch >= table.number - 1);
    });
    for (let n = 0; n < round % 5; n++) {
      table.collect();
      await Promise.resolve();
    }
    await Promise.all(naming);
  }
});
