import assert from "node:assert/strict";
import { LineWriter } from "./line_writer.ts";
import { Outbox } from "./outbox.ts";

/** An outbox of an idle worker, and the lines that have left it. */
function openOutbox(): { outbox: Outbox; sent: () => Promise<string[]> } {
  let text = "";
  const write = (bytes: Uint8Array) => {
    text += new TextDecoder().decode(bytes);
    return Promise.resolve(bytes.length);
  };
  const outbox = new Outbox(() => true);
  outbox.open(new LineWriter({ write }, () => {}));
  return {
    outbox,
    sent: async () => {
      await new Promise((resolve) => setTimeout(resolve, 0));
      return text.split("\n").filter(Boolean);
    },
  };
}

Deno.test("Outbox sends an item at once when nothing is under way that could say more", async () => {
  const { outbox, sent } = openOutbox();
  outbox.send("[0,1,null]");
  outbox.send("[0,2,null]");
  assert.deepEqual(await sent(), ["[[0,1,null]]", "[[0,2,null]]"]);
});

Deno.test("Outbox sends one line for all items between cork() and uncork()", async () => {
  const { outbox, sent } = openOutbox();
  outbox.cork();
  for (let seq = 0; seq < 1_000; seq++) outbox.send(`[0,${seq},null]`);
  assert.deepEqual(await sent(), []);
  outbox.uncork();
  const lines = await sent();
  assert.equal(lines.length, 1);
  assert.equal(JSON.parse(lines[0]!).length, 1_000);
});

Deno.test("Outbox does not let long text wait for uncork()", async () => {
  const { outbox, sent } = openOutbox();
  outbox.cork();
  outbox.send(`[0,1,"${"x".repeat(300_000)}"]`);
  assert.equal((await sent()).length, 1);
});
