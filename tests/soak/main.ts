/**
 * `deno task soak:actors [--books N] [--resident N] [--rounds N] [--json]`: 100,000 virtual actors,
 * 64 of them resident, a million messages. Prints what came of it; ends with status 1 when a message
 * was lost, came twice or out of order, or when the node took more memory than it may.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { runVisits, VISITORS, type VisitReport } from "./run_visits.ts";

const ROOT = decodeURIComponent(new URL("../..", import.meta.url).pathname);
const NODE_MB_MAX = 500;

const { values } = parseArgs({
  options: {
    books: { type: "string", default: "100000" },
    resident: { type: "string", default: "64" },
    rounds: { type: "string", default: "2" },
    json: { type: "boolean" },
  },
});
const [books, residentMax, rounds] = [values.books, values.resident, values.rounds].map(Number) as [
  number,
  number,
  number,
];

await Deno.mkdir(`${ROOT}.denizen`, { recursive: true });
// On the project's own disk: a folder for temporary files may be memory, where a commit is free.
const dataDir = await Deno.makeTempDir({ dir: `${ROOT}.denizen`, prefix: "soak-" });
try {
  const onProgress = (line: string) => console.error(line);
  const report = await runVisits({ dataDir, books, residentMax, rounds, onProgress });
  const rows = toRows(report);
  if (values.json) console.log(JSON.stringify(Object.fromEntries(rows)));
  else for (const [name, value] of rows) console.log(`${name.padEnd(34)} ${value}`);
  for (const line of [...report.faults.slice(0, 20), ...report.troubles]) console.error(line);
  if (!isClean(report)) Deno.exitCode = 1;
} finally {
  await Deno.remove(dataDir, { recursive: true });
}

function isClean({ lost, faults, troubles, nodeMbMax, residentsMax }: VisitReport): boolean {
  return lost === 0 && faults.length === 0 && troubles.length === 0 && nodeMbMax < NODE_MB_MAX &&
    residentsMax <= residentMax;
}

function toRows(report: VisitReport): [name: string, value: number][] {
  const { messages, seconds, latenciesMs } = report;
  const quantile = (q: number) => latenciesMs[Math.ceil(q * latenciesMs.length) - 1] ?? NaN;
  return [
    ["virtual actors", books],
    ["places", residentMax],
    ["most resident at once", report.residentsMax],
    ["senders", VISITORS],
    ["messages", messages],
    ["seconds", round(seconds)],
    ["messages a second", round(messages / seconds)],
    ["lost", report.lost],
    ["twice or out of order", report.faults.length],
    ["refused or broken", report.troubles.length],
    ["ms to be handled, p50", quantile(0.5)],
    ["ms to be handled, p99", quantile(0.99)],
    ["ms to be handled, longest", quantile(1)],
    ["MB of the node, most", round(report.nodeMbMax)],
    ...Object.entries(report.cellMbMax).map(([name, mb]): [string, number] => [
      `MB of the cell "${name}", most`,
      round(mb),
    ]),
    ["MB of the state file", round(report.stateFileMb)],
  ];
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}
