import assert from "node:assert/strict";
import { isLoopback, requireSafeListen } from "./require_safe_listen.ts";

const plan = { host: "0.0.0.0", hasTls: false, isInsecureAllowed: false };

Deno.test("requireSafeListen() refuses other machines in plain text", () => {
  for (
    const host of ["0.0.0.0", "::", "10.0.0.7", "node.example", "127.0.0.1.example", "1270.0.1"]
  ) {
    assert.throws(() => requireSafeListen({ ...plan, host }), { code: "INSECURE_LISTEN" });
  }
});

Deno.test("requireSafeListen() takes TLS, loopback, and a word for it", () => {
  requireSafeListen({ ...plan, hasTls: true });
  requireSafeListen({ ...plan, isInsecureAllowed: true });
  for (const host of ["127.0.0.1", "127.9.8.7", "localhost", "::1"]) {
    assert.ok(isLoopback(host));
    requireSafeListen({ ...plan, host });
  }
});
