import assert from "node:assert/strict";
import type { AuditRecord } from "../../core/audit_log.ts";
import { openMemoryDocumentStore } from "../store/mod.ts";
import { openAccess } from "./access_control.ts";
import { cookieName } from "./session_cookie.ts";

const BASE = "http://127.0.0.1:7717";
const REMOTE = { address: "127.0.0.1" };
const HOUR = 3_600_000;
const code = (expected: string) => ({ code: expected });

/** Several nodes over one store, with a clock that the test moves. */
function world(options: { failures?: { capacity: number; perS: number } } = {}) {
  const documents = openMemoryDocumentStore();
  const records: AuditRecord[] = [];
  const time = { now: 1_800_000_000_000 };
  const open = () =>
    openAccess({
      documents,
      audit: { record: (record) => void records.push(record) },
      clock: { now: () => time.now },
      host: "127.0.0.1",
      ...options,
    });
  return { documents, records, time, open };
}

function ask(headers: Record<string, string> = {}, method = "GET"): Request {
  return new Request(`${BASE}/api/v1/runs`, {
    method,
    headers: { host: "127.0.0.1:7717", ...headers },
  });
}

function bearer(text: string): Request {
  return ask({ authorization: `Bearer ${text}` });
}

async function refusal(promise: () => unknown): Promise<string> {
  try {
    await promise();
    return "none";
  } catch (error) {
    return (error as { code: string }).code;
  }
}

Deno.test("firstKey() makes one key for all nodes of a store, and the store cannot tell it", async () => {
  const { open, documents } = world();
  const made = await Promise.all([open(), open(), open()].map((access) => access.firstKey()));
  const keys = made.filter((key) => key !== null);
  assert.equal(keys.length, 1);
  const { text } = keys[0]!;
  assert.match(text, /^dnz_0{26}_[\w-]{43}$/);
  const principal = await open().authenticate(bearer(text), REMOTE);
  assert.deepEqual([principal.role, principal.tenant, principal.via], ["admin", null, "key"]);
  assert.equal(await open().firstKey(), null);
  const kept = JSON.stringify(await documents.list("api-keys", { limit: 10 }));
  assert.ok(!kept.includes(text.slice(-43)));
});

Deno.test("authenticate() hears of a revoked key at once here, and within two seconds elsewhere", async () => {
  const { open, time } = world();
  const [here, there] = [open(), open()];
  const admin = await here.authenticate(bearer((await here.firstKey())!.text), REMOTE);
  const actor = { principal: admin, place: here.placeOf(admin) };
  const { key, text } = await here.keys.create({ name: "ci", role: "viewer" }, actor);
  for (const access of [here, there]) await access.authenticate(bearer(text), REMOTE);
  await here.keys.revoke(key.id, actor);
  assert.equal(await refusal(() => here.authenticate(bearer(text), REMOTE)), "CREDENTIALS_INVALID");
  time.now += 1_999;
  assert.equal(await refusal(() => there.authenticate(bearer(text), REMOTE)), "none");
  time.now += 1;
  assert.equal(
    await refusal(() => there.authenticate(bearer(text), REMOTE)),
    "CREDENTIALS_INVALID",
  );
});

Deno.test("a rotated key counts for its time of grace, and so does what was made by it", async () => {
  const { open, time } = world();
  const access = open();
  const first = (await access.firstKey())!;
  const admin = await access.authenticate(bearer(first.text), REMOTE);
  const actor = { principal: admin, place: access.placeOf(admin) };
  const { proof, setCookie } = await access.signIns.openSession(first.text, ask(), REMOTE);
  assert.equal(proof.principal.via, "session");
  const cookie = setCookie.split(";")[0]!;
  const tokens = await access.signIns.issueTokens(access.proofOf(admin), ask(), REMOTE);
  const next = await access.keys.rotate(first.key.id, actor, HOUR / 10);
  const old = [
    () => access.authenticate(bearer(first.text), REMOTE),
    () => access.authenticate(bearer(tokens.accessToken), REMOTE),
    () => access.authenticate(ask({ cookie }), REMOTE),
  ];
  for (const use of old) assert.equal(await refusal(use), "none");
  time.now += HOUR / 10;
  for (const use of old) assert.equal(await refusal(use), "CREDENTIALS_INVALID");
  await access.authenticate(bearer(next.text), REMOTE);
});

Deno.test("a sign-in link lets one of several in, on whatever nodes", async () => {
  const { open, records, time } = world();
  const link = await open().signInLink(`${BASE}/`);
  assert.match(link, /^http:\/\/127\.0\.0\.1:7717\/#\/sign-in\/dnl_/);
  const token = link.split("/").at(-1)!;
  const uses = await Promise.allSettled(
    [open(), open(), open()].map((access) => access.signIns.signIn(token, ask(), REMOTE)),
  );
  const opened = uses.filter((use) => use.status === "fulfilled");
  assert.equal(opened.length, 1);
  assert.equal(records.filter((one) => one.code === "SIGN_IN_LINK_INVALID").length, 2);
  assert.equal(records.filter((one) => one.code === "sign-in").length, 1);
  const late = (await open().signInLink(BASE)).split("/").at(-1)!;
  time.now += 10 * 60_000;
  await assert.rejects(open().signIns.signIn(late, ask(), REMOTE), code("SIGN_IN_LINK_INVALID"));
});

Deno.test("a session lives while it is used, twelve hours without, and a week at most", async () => {
  const { open, time } = world();
  const access = open();
  const token = (await access.signInLink(BASE)).split("/").at(-1)!;
  const { setCookie } = await access.signIns.signIn(token, ask(), REMOTE);
  const cookie = setCookie.split(";")[0]!;
  assert.match(
    setCookie,
    /^denizen-7717=dns_\w{26}_[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/,
  );
  const use = () => refusal(() => access.authenticate(ask({ cookie }), REMOTE));
  for (let hours = 0; hours < 7 * 24 - 11; hours += 11) {
    time.now += 11 * HOUR;
    assert.equal(await use(), "none");
  }
  time.now += 11 * HOUR;
  assert.equal(await use(), "CREDENTIALS_EXPIRED");
});

Deno.test("refresh() ends the whole family when a token comes twice, whoever was first", async () => {
  const { open, records } = world();
  const access = open();
  const { text } = (await access.firstKey())!;
  const principal = await access.authenticate(bearer(text), REMOTE);
  const issued = await access.signIns.issueTokens(access.proofOf(principal), ask(), REMOTE);
  const second = await access.signIns.refresh(issued.refreshToken, ask(), REMOTE);
  const third = await access.signIns.refresh(second.refreshToken, ask(), REMOTE);
  await access.authenticate(bearer(third.accessToken), REMOTE);
  await assert.rejects(
    access.signIns.refresh(issued.refreshToken, ask(), REMOTE),
    code("REFRESH_TOKEN_REUSED"),
  );
  for (const { accessToken, refreshToken } of [issued, second, third]) {
    assert.equal(
      await refusal(() => access.authenticate(bearer(accessToken), REMOTE)),
      "CREDENTIALS_INVALID",
    );
    assert.match(
      await refusal(() => access.signIns.refresh(refreshToken, ask(), REMOTE)),
      /REFRESH_TOKEN_REUSED|CREDENTIALS_INVALID/,
    );
  }
  assert.ok(records.some((one) => one.code === "REFRESH_TOKEN_REUSED" && one.kind === "refusal"));
});

Deno.test("of two refreshes at the same time on two nodes, at most one counts", async () => {
  const { open } = world();
  const [here, there] = [open(), open()];
  const principal = await here.authenticate(bearer((await here.firstKey())!.text), REMOTE);
  const { refreshToken } = await here.signIns.issueTokens(here.proofOf(principal), ask(), REMOTE);
  const results = await Promise.allSettled(
    [here, there].map((access) => access.signIns.refresh(refreshToken, ask(), REMOTE)),
  );
  assert.equal(results.filter(({ status }) => status === "fulfilled").length, 1);
});

Deno.test("access tokens outlast a rotation of the keys that sign them", async () => {
  const { open, time, documents } = world();
  const access = open();
  const { text } = (await access.firstKey())!;
  time.now += 1;
  const issue = async () => {
    const principal = await access.authenticate(bearer(text), REMOTE);
    return await access.signIns.issueTokens(access.proofOf(principal), ask(), REMOTE);
  };
  await issue();
  time.now += 30 * 24 * HOUR - 60_000;
  const { accessToken } = await issue();
  time.now += 60_000;
  await issue();
  assert.equal((await documents.list("signing-keys", { limit: 9 })).length, 2);
  await open().authenticate(bearer(accessToken), REMOTE);
  time.now += 15 * 60_000;
  await assert.rejects(
    () => Promise.try(() => open().authenticate(bearer(accessToken), REMOTE)),
    code("CREDENTIALS_EXPIRED"),
  );
});

Deno.test("authenticate() looks at no more wrong keys of an address that sent too many", async () => {
  const { open, time, records } = world({ failures: { capacity: 3, perS: 1 } });
  const access = open();
  const { text } = (await access.firstKey())!;
  await access.authenticate(bearer(text), REMOTE);
  const wrong = () => refusal(() => access.authenticate(bearer(`dnz_${time.now}`), REMOTE));
  const codes: string[] = [];
  for (let times = 0; times < 5; times++) codes.push(await wrong());
  assert.deepEqual(codes, [
    "CREDENTIALS_INVALID",
    "CREDENTIALS_INVALID",
    "CREDENTIALS_INVALID",
    "TOO_MANY_SIGN_INS",
    "TOO_MANY_SIGN_INS",
  ]);
  // Whoever was right before is not locked out by others at the same address.
  time.now += 500;
  await access.authenticate(bearer(text), REMOTE);
  await assert.rejects(
    access.signIns.openSession(text, ask(), REMOTE),
    { code: "TOO_MANY_SIGN_INS", retryAfterMs: 500 },
  );
  time.now += 500;
  await access.signIns.openSession(text, ask(), REMOTE);
  assert.ok(records.some((one) => one.code === "TOO_MANY_SIGN_INS"));
});

Deno.test("authenticate() goes on to look at who was right when somebody else's key is revoked", async () => {
  const { open, time } = world({ failures: { capacity: 1, perS: 0.001 } });
  const access = open();
  const { text } = (await access.firstKey())!;
  const admin = await access.authenticate(bearer(text), REMOTE);
  const actor = { principal: admin, place: access.placeOf(admin) };
  const other = await access.keys.create({ name: "other", role: "viewer" }, actor);
  await access.authenticate(bearer(other.text), REMOTE);
  assert.equal(
    await refusal(() => access.authenticate(bearer("dnz_x"), REMOTE)),
    "CREDENTIALS_INVALID",
  );
  await access.keys.revoke(other.key.id, actor);
  time.now += 10;
  assert.equal(await refusal(() => access.authenticate(bearer(text), REMOTE)), "none");
  assert.equal(
    await refusal(() => access.authenticate(bearer(other.text), REMOTE)),
    "CREDENTIALS_INVALID",
  );
  assert.equal(
    await refusal(() => access.authenticate(bearer("dnz_y"), REMOTE)),
    "TOO_MANY_SIGN_INS",
  );
});

Deno.test("keys.lend() leaves no key behind, and create() none that is long over", async () => {
  const { open, time, records } = world();
  const access = open();
  const principal = await access.authenticate(bearer((await access.firstKey())!.text), REMOTE);
  const actor = { principal, place: access.placeOf(principal) };
  const lent = await access.keys.lend({ name: "moment", role: "viewer" }, actor, async (text) => {
    assert.equal((await access.authenticate(bearer(text), REMOTE)).name, "moment");
    return text;
  });
  assert.equal(
    await refusal(() => access.authenticate(bearer(lent), REMOTE)),
    "CREDENTIALS_INVALID",
  );
  const failing = access.keys.lend({ name: "moment", role: "viewer" }, actor, () => {
    return Promise.reject(new Error("no"));
  });
  await assert.rejects(failing, /^Error: no$/);
  assert.equal(records.filter((one) => one.code === "key-revoke").length, 2);
  const names = async () => {
    const { items } = await access.keys.list(principal, { limit: 10 });
    return items.map(({ name }) => name);
  };
  assert.deepEqual(await names(), ["first key"]);
  const brief = { name: "brief", role: "viewer", expiresAt: time.now + HOUR } as const;
  await access.keys.create(brief, actor);
  const gone = await access.keys.create({ name: "gone", role: "viewer" }, actor);
  await access.keys.revoke(gone.key.id, actor);
  time.now += 90 * 24 * HOUR;
  await access.keys.create({ name: "later", role: "viewer" }, actor);
  assert.deepEqual(await names(), ["later", "brief", "first key"]);
  time.now += HOUR;
  await access.keys.create({ name: "latest", role: "viewer" }, actor);
  assert.deepEqual(await names(), ["latest", "later", "first key"]);
});

Deno.test("authenticate() counts wrong keys of one IPv6 network together", async () => {
  const access = world({ failures: { capacity: 2, perS: 1 } }).open();
  const from = (address: string) =>
    refusal(() => access.authenticate(bearer(`dnz_${address}`), { address }));
  assert.equal(await from("2001:db8::1"), "CREDENTIALS_INVALID");
  assert.equal(await from("2001:db8::2"), "CREDENTIALS_INVALID");
  assert.equal(await from("2001:db8::3"), "TOO_MANY_SIGN_INS");
  assert.equal(await from("2001:db8:0:1::1"), "CREDENTIALS_INVALID");
});

Deno.test("authenticate() looks at no cookie that a foreign page sends", async () => {
  const access = world({ failures: { capacity: 1, perS: 0.001 } }).open();
  const { text } = (await access.firstKey())!;
  const cookie = `${cookieName({ isSecure: false, port: 7717 })}=dns_planted`;
  for (const site of ["same-site", "cross-site"]) {
    const request = () => ask({ cookie, "sec-fetch-site": site });
    for (let times = 0; times < 3; times++) {
      assert.equal(await refusal(() => access.authenticate(request(), REMOTE)), "CSRF_REFUSED");
    }
  }
  await access.signIns.openSession(text, ask(), REMOTE);
});

Deno.test("authenticate() names Origin to who sends the CSRF token without it", async () => {
  const access = world().open();
  const cookie = `${cookieName({ isSecure: false, port: 7717 })}=dns_some`;
  const request = ask({ cookie, "x-csrf-token": "some" }, "POST");
  await assert.rejects(async () => await access.authenticate(request, REMOTE), {
    code: "CSRF_REFUSED",
    hint: /own origin as `Origin`/,
  });
});

Deno.test("limit() keeps principals and groups apart, and says when to come again", async () => {
  const { documents, time } = world();
  const records: AuditRecord[] = [];
  const access = openAccess({
    documents,
    audit: { record: (record) => void records.push(record) },
    clock: { now: () => time.now },
    host: "127.0.0.1",
    rates: { write: { capacity: 2, perS: 4 } },
  });
  const principal = await access.authenticate(bearer((await access.firstKey())!.text), REMOTE);
  access.limit("write", principal, REMOTE);
  access.limit("write", principal, REMOTE);
  assert.throws(() => access.limit("write", principal, REMOTE), {
    code: "TOO_MANY_REQUESTS",
    retryAfterMs: 250,
  });
  access.limit("read", principal, REMOTE);
  access.limit("write", { ...principal, id: "other" }, REMOTE);
  access.limit("write", null, REMOTE);
  time.now += 250;
  access.limit("write", principal, REMOTE);
  assert.deepEqual(records.map((one) => one.code), ["TOO_MANY_REQUESTS"]);
});

Deno.test("authorize() writes down refusals and granted changes, each once a request", async () => {
  const { open, records } = world();
  const access = open();
  const request = bearer((await access.firstKey())!.text);
  const principal = await access.authenticate(request, REMOTE);
  access.authorize(principal, "runs:read");
  assert.equal(records.length, 0);
  access.authorize(principal, "runs:write");
  access.authorize(principal, "runs:write", { tenant: "acme", name: "run:1" });
  assert.deepEqual(records.map(({ kind, code, to }) => [kind, code, to]), [
    ["access", "write", "GET /api/v1/runs"],
  ]);
  const viewer = { ...principal, role: "viewer" as const };
  assert.throws(() => access.authorize(viewer, "keys:write"), code("ROLE_INSUFFICIENT"));
  assert.equal(records.at(-1)!.kind, "refusal");
  // What was written down here is not again when it is answered.
  const admitted = ask({ origin: "https://evil.example" }, "POST");
  assert.throws(() => access.admit(admitted, REMOTE), code("ORIGIN_NOT_ALLOWED"));
  const before = records.length;
  access.noteRefusal(admitted, REMOTE, { code: "ORIGIN_NOT_ALLOWED", message: "again" });
  access.noteRefusal(ask(), REMOTE, { code: "BODY_TOO_LARGE", message: "Cannot take it" });
  assert.deepEqual(records.slice(before).map((one) => one.code), ["BODY_TOO_LARGE"]);
});

Deno.test("permitOf() ends with the session", async () => {
  const { open } = world();
  const access = open();
  const token = (await access.signInLink(BASE)).split("/").at(-1)!;
  const { setCookie } = await access.signIns.signIn(token, ask(), REMOTE);
  const cookie = setCookie.split(";")[0]!;
  const principal = await access.authenticate(ask({ cookie }), REMOTE);
  const permit = access.permitOf(principal);
  await permit.check();
  await access.signIns.signOut(access.proofOf(principal), ask({ cookie }), REMOTE);
  await assert.rejects(permit.check(), code("CREDENTIALS_INVALID"));
});

Deno.test("cookies under TLS bear the prefix that browsers hold to be ours alone", () => {
  assert.equal(cookieName({ isSecure: true, port: 443 }), "__Host-denizen-443");
  assert.equal(cookieName({ isSecure: false, port: 80 }), "denizen-80");
});
