import assert from "node:assert/strict";
import { withDataOption } from "./with_data_option.ts";

Deno.test("withDataOption() adds the folder to every command of ours", () => {
  assert.equal(
    withDataOption(
      "look:   deno task denizen runs show 01\nagain:  deno task denizen runs retry 01\n",
      { dataDir: "d" },
    ),
    "look:   deno task denizen runs show 01 --data d\n" +
      "again:  deno task denizen runs retry 01 --data d\n",
  );
  assert.equal(
    withDataOption("Look with: deno task denizen doctor; or wait", { dataDir: "my 'runs'" }),
    "Look with: deno task denizen doctor --data 'my '\\''runs'\\'''; or wait",
  );
});

Deno.test("withDataOption() knows the commands of actor systems", () => {
  assert.equal(
    withDataOption("deno task denizen actors tree; deno task denizen dead-letters list", {
      dataDir: "d",
    }),
    "deno task denizen actors tree --data d; deno task denizen dead-letters list --data d",
  );
});

Deno.test("withDataOption() leaves the default folder and other commands alone", () => {
  const text = "Look with: deno task denizen doctor";
  assert.equal(withDataOption(text, { dataDir: ".denizen" }), text);
  const help = "See it with: deno task denizen help runs show";
  assert.equal(withDataOption(help, { dataDir: "d" }), help);
});

Deno.test("withDataOption() names the store, without its password", () => {
  assert.equal(
    withDataOption("deno task denizen runs list", {
      dataDir: ".denizen",
      store: "postgres://me:a:b@c@db:5432/app?schema=x",
    }),
    "deno task denizen runs list --store 'postgres://me@db:5432/app?schema=x'",
  );
  assert.equal(
    withDataOption("deno task denizen runs list", { dataDir: "d", store: "kv:other.kv" }),
    "deno task denizen runs list --data d --store kv:other.kv",
  );
});
