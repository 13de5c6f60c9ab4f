/**
 * Requests that must be refused, sent over TCP to a node that does everything: each with the right
 * status, in the audit log, and the node goes on.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { AuditEntry } from "../../core/audit_log.ts";
import { AttackedNode } from "./attacked_node.ts";
import type { RawAnswer } from "./raw_http.ts";
import { type HostileRequest, hostileRequests, SLOW_REQUESTS } from "./requests/mod.ts";

const COUNT_MIN = 300;
const MAIN = join(import.meta.dirname!, "../../main.ts");

Deno.test("hostile requests are refused, are in the audit log, and end nothing", async (t) => {
  const node = await AttackedNode.start();
  let sent = 0;
  let recorded = 0;
  try {
    const slow = SLOW_REQUESTS.map((request) => sendSlowly(node, request));
    for (const [group, requests] of Object.entries(await hostileRequests(node))) {
      await t.step(`${group} (${requests.length})`, async () => {
        const failures: string[] = [];
        for (const request of requests) {
          const { faults, entries } = await attack(node, request);
          sent++;
          recorded += entries;
          if (faults.length > 0) failures.push(`${request.name}: ${faults.join("; ")}`);
        }
        assert.deepEqual(failures, []);
      });
    }
    await t.step(`slow bodies (${slow.length})`, async () => {
      assert.deepEqual((await Promise.all(slow)).flat(), []);
      const codes = (await node.auditSince(0)).filter(({ code }) => code === "BODY_TOO_SLOW");
      assert.equal(codes.reduce((sum, { count }) => sum + count, 0), slow.length);
      sent += slow.length;
      recorded += slow.length;
    });
    await t.step("connections that dawdle keep nobody from being answered", () => dawdle(node));
    await t.step("one tenant's requests do not show in another's answers", () => keepApart(node));
    assert.deepEqual(node.faults, [], "nothing failed inside");
    assert.ok(sent >= COUNT_MIN);
    console.log(`${sent} hostile requests refused, ${recorded} of them in the audit log`);
  } finally {
    await node.server.close();
  }
  await t.step("the audit log is whole, and one altered byte is found", () => alterOneByte(node));
  await Deno.remove(node.folder, { recursive: true });
});

/** Sends one and says what is wrong with how it was taken. */
async function attack(
  node: AttackedNode,
  request: HostileRequest,
): Promise<{ faults: string[]; entries: number }> {
  const parts = await request.parts(node);
  const seq = await node.auditSeq();
  const answer = await node.send(parts, { patienceMs: request.patienceMs });
  const entries = (await node.auditSince(seq)).filter(({ kind }) => kind === "refusal");
  const faults = [...faultsOf(answer, request), ...unrecorded(entries, request)];
  const live = await fetch(`${node.url}/livez`).then((response) => response.text(), String);
  if (live !== "alive\n") faults.push(`afterwards the node says ${live}`);
  return { faults, entries: Math.min(1, entries.length) };
}

async function sendSlowly(node: AttackedNode, request: HostileRequest): Promise<string[]> {
  const answer = await node.send(await request.parts(node), { patienceMs: request.patienceMs });
  return faultsOf(answer, request).map((fault) => `${request.name}: ${fault}`);
}

function faultsOf(answer: RawAnswer, { status, code, absent }: HostileRequest): string[] {
  const faults: string[] = [];
  if (!status.includes(answer.status)) {
    faults.push(`status ${answer.status} in place of ${status}, ${answer.body.slice(0, 300)}`);
  }
  const problem = problemOf(answer);
  if (code !== null && problem?.code !== code) faults.push(`code ${problem?.code}, not ${code}`);
  const isProblem = answer.headers.get("content-type") === "application/problem+json";
  if (code !== null && !isProblem) faults.push("it is no problem document");
  if (isProblem && problem?.status !== answer.status) faults.push("the problem has another status");
  const headers = [...answer.headers].map(([name, value]) => `${name}: ${value}`).join("\n");
  if (absent?.test(`${headers}\n\n${answer.body}`)) faults.push(`it tells ${absent}`);
  if (answer.headers.has("set-cookie")) faults.push("it sets a cookie");
  return faults;
}

function problemOf({ body }: RawAnswer): { code?: string; status?: number } | null {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

/** `*`: any code; `?`: what is below our code may have answered it. */
function unrecorded(entries: readonly AuditEntry[], { code, audited }: HostileRequest): string[] {
  const wanted = audited === undefined ? code : audited;
  if (wanted === null || wanted === "?") return [];
  const codes = entries.map((entry) => entry.code);
  const isThere = wanted === "*" ? codes.length > 0 : codes.includes(wanted);
  return isThere ? [] : [`the audit log has ${JSON.stringify(codes)}, not ${wanted}`];
}

/** Headers that never end. Nothing of ours sees them, so nothing of ours can refuse them. */
async function dawdle(node: AttackedNode): Promise<void> {
  const connections = await Promise.all(
    Array.from({ length: 200 }, () => Deno.connect({ ...node.address, transport: "tcp" })),
  );
  try {
    for (const connection of connections) {
      await connection.write(new TextEncoder().encode("GET /api/v1/runs HTTP/1.1\r\nx-a: "));
    }
    const response = await fetch(`${node.url}/api/v1/runs`, {
      headers: { authorization: `Bearer ${node.keys.viewer!.key}` },
    });
    assert.equal(response.status, 200);
    await response.body?.cancel();
  } finally {
    for (const connection of connections) connection.close();
  }
}

/** What is answered, but must not mix tenants. */
async function keepApart(node: AttackedNode): Promise<void> {
  const submit = async (who: string) => {
    const headers = { "idempotency-key": "the-same" };
    return (await askAs(node, who, "POST", "/runs", { workflow: "waiter" }, headers)).runId;
  };
  const first = await submit("acme");
  assert.equal(await submit("acme"), first);
  assert.notEqual(await submit("umbrella"), first);

  const { items } = await askAs(node, "acme", "GET", "/runs") as unknown as {
    items: { tenant: string }[];
  };
  assert.ok(items.length > 0);
  assert.deepEqual(new Set(items.map(({ tenant }) => tenant)), new Set(["acme"]));

  const ids = [node.runs.umbrella.waiting];
  const bulk = await askAs(node, "acme", "POST", "/runs/bulk", { action: "cancel", ids });
  assert.match(JSON.stringify(bulk), /RUN_NOT_FOUND/);
  const { status } = await askAs(node, "umbrella", "GET", `/runs/${ids[0]}`);
  assert.equal(status, "waiting");

  assert.deepEqual(await followAs(node, "acme", ids[0]!), "RUN_NOT_FOUND");
  assert.deepEqual(await followAs(node, "umbrella", ids[0]!), "ack");

  const made = await askAs(node, "acmeAdmin", "POST", "/keys", { name: "k", role: "viewer" });
  assert.equal(made.tenant, "acme");
  const { items: keys } = await askAs(node, "acmeAdmin", "GET", "/keys") as unknown as {
    items: { tenant: string }[];
  };
  assert.deepEqual(new Set(keys.map(({ tenant }) => tenant)), new Set(["acme"]));
}

/** What a socket answers to whoever wants to follow a run: a code, or `ack`. */
async function followAs(node: AttackedNode, who: string, runId: string): Promise<string> {
  const headers = { authorization: `Bearer ${node.keys[who]!.key}` };
  const socket = new WebSocket(`${node.url.replace("http", "ws")}/ws`, { headers });
  const closed = new Promise((resolve) => socket.addEventListener("close", resolve));
  try {
    return await new Promise<string>((resolve, reject) => {
      socket.addEventListener("error", () => reject(new Error("the socket broke")));
      socket.addEventListener("open", () => {
        socket.send(JSON.stringify({ id: "1", type: "subscribe", runId }));
      });
      socket.addEventListener("message", ({ data }) => {
        const { type, problem } = JSON.parse(data);
        if (type === "ack") resolve(type);
        if (type === "error") resolve(problem.code);
      });
    });
  } finally {
    socket.close();
    await closed;
  }
}

async function askAs(
  node: AttackedNode,
  who: string,
  method: string,
  path: string,
  body?: object,
  headers: Record<string, string> = {},
): Promise<Record<string, string>> {
  const response = await fetch(`${node.url}/api/v1${path}`, {
    method,
    headers: {
      authorization: `Bearer ${node.keys[who]!.key}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  assert.ok(response.ok, `${who} ${method} ${path}: ${text}`);
  return JSON.parse(text);
}

/** As somebody would who has the store's file. */
async function alterOneByte({ folder }: AttackedNode): Promise<void> {
  const dataDir = join(folder, "data");
  const before = await verifyByCommand(dataDir);
  assert.equal(before.code, 0, before.text);
  const { entries } = JSON.parse(before.text);
  assert.ok(entries > COUNT_MIN);

  const seq = Math.floor(entries / 2);
  for await (const { name } of Deno.readDir(dataDir)) {
    if (!name.endsWith(".kv")) continue;
    using kv = await Deno.openKv(join(dataDir, name));
    const { value } = await kv.get<Uint8Array>(["audit", seq]);
    const at = value!.indexOf("refusal".charCodeAt(0), Math.floor(value!.length / 2));
    const altered = value!.with(at, value![at]! ^ 1);
    await kv.set(["audit", seq], altered);
  }
  const after = await verifyByCommand(dataDir);
  assert.equal(after.code, 1);
  assert.match(after.text, /AUDIT_BROKEN/);
  assert.match(after.text, new RegExp(`\\b${seq}\\b`));
}

async function verifyByCommand(dataDir: string): Promise<{ code: number; text: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", MAIN, "audit", "verify", "--json", "--data", dataDir],
  }).output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, text: out! + (code === 0 ? "" : err) };
}
