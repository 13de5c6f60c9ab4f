import assert from "node:assert/strict";
import { answerPreflight, corsHeaders } from "./cors.ts";
import { RequestGuards } from "./request_guards.ts";

const APP = "https://app.example.org";

function guards(host = "127.0.0.1") {
  return new RequestGuards({
    host,
    allowedHosts: ["Denizen.example.org:443"],
    allowedOrigins: [APP],
  });
}

function refusalOf(
  { host, method = "GET", headers = {}, listen }: {
    host: string;
    method?: string;
    headers?: Record<string, string>;
    listen?: string;
  },
): string | null {
  const request = new Request(`http://${host}/api`, { method, headers: { host, ...headers } });
  return guards(listen).check(request, new URL(request.url))?.code ?? null;
}

Deno.test("check() answers for its own names, on whatever port", () => {
  for (
    const host of ["127.0.0.1", "localhost:7717", "[::1]:7717", "DENIZEN.example.org", "localhost."]
  ) {
    assert.equal(refusalOf({ host }), null, host);
  }
  for (const host of ["evil.example", "10.0.0.1", "localhost.evil.example", "example.org"]) {
    assert.equal(refusalOf({ host }), "HOST_NOT_ALLOWED", host);
  }
  assert.equal(
    refusalOf({ host: "localhost", headers: { host: "evil.example" } }),
    "HOST_NOT_ALLOWED",
  );
});

Deno.test("check() takes any address where it listens on all, but no other name", () => {
  for (const listen of ["0.0.0.0", "::"]) {
    for (const host of ["10.0.0.1:7717", "[2001:db8::1]", "localhost"]) {
      assert.equal(refusalOf({ host, listen }), null, host);
    }
    assert.equal(refusalOf({ host: "evil.example", listen }), "HOST_NOT_ALLOWED");
  }
  assert.equal(refusalOf({ host: "localhost", listen: "10.0.0.1" }), "HOST_NOT_ALLOWED");
});

Deno.test("check() takes changes from our own pages, allowed ones, and programs", () => {
  const host = "localhost:7717";
  const post = (headers: Record<string, string>) => refusalOf({ host, method: "POST", headers });
  assert.equal(post({}), null);
  assert.equal(post({ origin: "http://localhost:7717" }), null);
  assert.equal(post({ origin: APP }), null);
  assert.equal(post({ "sec-fetch-site": "same-origin" }), null);
  for (const origin of ["http://localhost:7718", "https://localhost:7717", "null", `${APP}.evil`]) {
    assert.equal(post({ origin }), "ORIGIN_NOT_ALLOWED", origin);
  }
  assert.equal(post({ "sec-fetch-site": "cross-site" }), "ORIGIN_NOT_ALLOWED");
  assert.equal(refusalOf({ host, headers: { origin: "https://evil.example" } }), null);
  const upgrade = { origin: "https://evil.example", upgrade: "websocket" };
  assert.equal(refusalOf({ host, headers: upgrade }), "ORIGIN_NOT_ALLOWED");
});

Deno.test("corsHeaders() and answerPreflight() tell allowed origins alone", () => {
  const preflight = (origin: string) =>
    new Request("http://localhost/api", {
      method: "OPTIONS",
      headers: { origin, "access-control-request-method": "POST" },
    });
  assert.equal(answerPreflight(preflight(APP), guards())!.status, 204);
  assert.equal(
    answerPreflight(preflight(APP), guards())!.headers.get("access-control-allow-origin"),
    APP,
  );
  const refused = answerPreflight(preflight("https://evil.example"), guards())!;
  assert.equal(refused.status, 403);
  assert.deepEqual([...refused.headers], []);
  assert.deepEqual(corsHeaders(new Request("http://localhost/"), guards()), []);
  const names = corsHeaders(preflight(APP), guards()).map(([name]) => name);
  assert.ok(!names.includes("access-control-allow-credentials"));
});
