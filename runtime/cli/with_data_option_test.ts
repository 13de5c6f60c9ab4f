import assert from "node:assert/strict";
import { withDataOption } from "./with_data_option.ts";

Deno.test("withDataOption() adds the folder to every command of ours", () => {
  assert.equal(
    withDataOption(
      "look:   deno task denizen runs show 01\nagain:  deno task denizen runs retry 01\n",
      "d",
    ),
    "look:   deno task denizen runs show 01 --data d\n" +
      "again:  deno task denizen runs retry 01 --data d\n",
  );
  assert.equal(
    withDataOption("Look with: deno task denizen doctor; or wait", "my 'runs'"),
    "Look with: deno task denizen doctor --data 'my '\\''runs'\\'''; or wait",
  );
});

Deno.test("withDataOption() knows the commands of actor systems", () => {
  assert.equal(
    withDataOption("deno task denizen actors tree; deno task denizen dead-letters list", "d"),
    "deno task denizen actors tree --data d; deno task denizen dead-letters list --data d",
  );
});

Deno.test("withDataOption() leaves the default folder and other commands alone", () => {
  const text = "Look with: deno task denizen doctor";
  assert.equal(withDataOption(text, ".denizen"), text);
  const help = "See it with: deno task denizen help runs show";
  assert.equal(withDataOption(help, "d"), help);
});
