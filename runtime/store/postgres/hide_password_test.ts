import assert from "node:assert/strict";
import { hidePassword } from "./hide_password.ts";

Deno.test("hidePassword() leaves out the password, also where the URL is broken", () => {
  const cases: Record<string, string> = {
    "postgres://me:s3cret@h:5432/app?schema=x": "postgres://me@h:5432/app?schema=x",
    "postgres://me:s3:c@r/et@h/app": "postgres://me@h/app",
    "postgres://me@h:5432/app": "postgres://me@h:5432/app",
    "postgres://h:5432/app": "postgres://h:5432/app",
    "mysql://me:s3cret@h": "mysql://me@h",
    "kv:data/store.kv": "kv:data/store.kv",
  };
  for (const [url, shown] of Object.entries(cases)) assert.equal(hidePassword(url), shown);
});
