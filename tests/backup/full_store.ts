import { setTimeout as sleep } from "node:timers/promises";
import type { DeliveryEvent } from "../../actors/delivery/mod.ts";
import type { AuditStore } from "../../core/audit_log.ts";
import type { Holder } from "../../core/ports.ts";
import { openAudit } from "../../runtime/audit/mod.ts";
import type { Stores } from "../../runtime/node/open_store.ts";
import type { RunEvent } from "../../workflows/mod.ts";

const holder = (nodeId: string): Holder => ({ nodeId, host: "h", pid: 1, processStart: "s" });

/** Text that no compression makes shorter. */
function noise(chars: number): string {
  const bytes = new Uint8Array(Math.ceil(chars * 3 / 4));
  for (let at = 0; at < bytes.length; at += 65_536) {
    crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  }
  return bytes.toBase64().slice(0, chars);
}

/** Leaves something of every kind in a store, short and long, as nodes would. */
export async function fillStore(stores: Stores): Promise<void> {
  await stores.cluster.settings({ partitions: 4 });
  await stores.cluster.post("index", [{ type: "adopt" }, { text: noise(100_000) }]);
  await fillRuns(stores);
  await fillActors(stores);
  await fillDocuments(stores);
  await fillAudit(stores.audit);
}

async function fillRuns({ runs, archive }: Stores): Promise<void> {
  for (const partition of [0, 3, 1_000]) {
    const fence = await runs.claim(partition, holder("a"), 0);
    for (let n = 1; n <= 30; n++) {
      const runId = `01RUN${String(partition).padStart(4, "0")}${String(n).padStart(4, "0")}`;
      const long = n % 10 === 0 ? noise(200_000) : "";
      const event = { type: "Noted", at: n, text: `Grüße 🦕 ${n}`, long };
      await runs.append(fence, {
        records: [{ runId, events: [event] as unknown as RunEvent[] }],
        runs: [{
          runId,
          workflow: "small",
          version: n % 2 === 0 ? null : "1.0",
          status: n % 3 === 0 ? "running" : "completed",
          submittedAt: n,
          finishedAt: n % 3 === 0 ? null : n + 1,
          partition,
          firstSeq: 0,
          ...(n % 4 === 0 ? {} : { packageHash: noise(64) }),
          ...(n % 5 === 0 ? {} : { tenant: n % 5 === 1 ? "" : "acme" }),
          ...(n % 7 === 0 ? {} : { tags: n % 7 === 1 ? [] : ["nightly", `ü"${n}`] }),
        }],
        lowWater: n,
      });
      const reservation = { runId, holder: holder("a") };
      if (n % 5 === 0) await runs.reserve(`key-${partition}-${n}`, reservation, () => false);
    }
    await runs.send(partition, [
      { runId: "01WISHED", type: "submit", body: { text: noise(50_000) } },
      { runId: "01RUN", type: "cancel", body: { reason: "wrong" } },
    ]);
    const isClosing = ({ at }: RunEvent) => at % 3 > 0;
    const upTo = partition + 10;
    while (partition < 1_000 && !await archive.compact(fence, { upTo, isClosing }));
    if (partition === 3) await runs.release(fence, "b");
  }
  await runs.reserve("key-wished", { runId: "01WISHED", holder: holder("a") }, () => false);
  await runs.reserve("key-abandoned", { runId: "01NEVER", holder: holder("a") }, () => false);
  await runs.putBlob(new Uint8Array());
  await runs.putBlob(new TextEncoder().encode(noise(300_000)));
}

async function fillActors({ actors }: Stores): Promise<void> {
  for (const system of ["index", "shop"]) {
    const fence = await actors.claimSystem(system, holder("a"), null);
    for (let n = 1; n <= 20; n++) {
      const long = n % 7 === 0 ? noise(150_000) : "";
      const letters = [{ id: `01LETTER${String(n).padStart(3, "0")}`, letter: { n, long } }];
      await actors.commit(fence, {
        units: [{
          log: [{ n, long }] as unknown as DeliveryEvent[],
          states: [{
            address: `actor://a/${n % 6}`,
            version: n,
            state: JSON.stringify({ n, long }),
          }],
          dead: n % 4 === 0 ? letters : [],
          history: [0, 1, 2].map((at) => ({
            topic: n % 2 === 0 ? "files.added" : "𝒯opic/�",
            offset: 3 * Math.floor((n - 1) / 2) + at,
            message: { n, at, long },
          })),
        }],
        historyTrim: n === 18 ? [{ topic: "files.added", below: 10 }] : [],
        tree: { children: [{ id: "a", n }] },
        trimTo: n === 15 ? 5 : undefined,
      });
    }
    await actors.commit(fence, {
      units: [{ history: [{ topic: "gone", offset: 0, message: 1 }] }],
      historyTrim: [{ topic: "gone", below: 1 }],
    });
    await actors.wish(system, { type: "replay", ids: ["01LETTER004"] });
    await actors.wish(system, { type: "drop", ids: [] });
  }
}

async function fillDocuments({ documents, runs }: Stores): Promise<void> {
  const blob = await runs.putBlob(new TextEncoder().encode("kept by a document"));
  await documents.put("workflows", "small@1.0", { name: "small", blobs: [blob] });
  const lines = Array.from({ length: 60 }, (_, n) => ({
    key: `01RUN/${n % 3 === 0 ? "\u{1f600}" : "\u{ff5e}"}${n}`,
    value: { n, text: n % 10 === 0 ? noise(60_000) : "Grüße" },
  }));
  await documents.putAll("logs", lines);
}

async function fillAudit(store: AuditStore): Promise<void> {
  const audit = openAudit(store, { now: Date.now });
  for (let n = 1; n <= 20; n++) {
    audit.record({
      kind: "refusal",
      from: `actor://walker-${n}/main`,
      to: null,
      code: "ACCESS_DENIED",
      message: `Refused "${n}"`,
    });
  }
  await audit.flush();
  await sleep(1);
  await audit.close();
}
