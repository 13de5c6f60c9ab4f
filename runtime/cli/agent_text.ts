/**
 * Agents as people read them on a terminal.
 *
 * @module
 */
import { formatDuration } from "../../core/duration.ts";
import type { AgentDetail, AgentEntry, CapabilityRecord } from "../control/mod.ts";
import { type Color, type Paint, painter } from "./palette.ts";
import { plainText } from "./plain_text.ts";
import { tableText } from "./table_text.ts";

/** Hashes are shown as the registry takes them. */
const HASH_CHARS = 8;
/** From here on it is worth saying that an agent changed. */
const DRIFT_TOLD = 0.8;

const TINTS: Readonly<Record<AgentEntry["status"], Color>> = {
  ready: "green",
  refused: "red",
  checking: "yellow",
};

/** A line for each agent and capability. */
export function agentTable(agents: readonly AgentEntry[], color: boolean): string {
  if (agents.length === 0) return "No agents\n";
  const paint = painter(color);
  // Agents of two tenants may have one name.
  const hasTenants = agents.some(({ tenant }) => tenant !== null);
  const whose = ({ tenant }: AgentEntry) => hasTenants ? [plainText(tenant ?? "-")] : [];
  const head = [
    "agent",
    ...(hasTenants ? ["tenant"] : []),
    "capability",
    "success",
    "90 % within",
    "tasks",
    "time",
    "USD",
    "",
  ];
  const rows = agents.flatMap((agent) => {
    const name = plainText(agent.ref);
    const standing = agent.status === "ready" ? "" : agent.status;
    if (agent.records.length === 0) {
      return [[name, ...whose(agent), "-", "", "", "", "", "", standing]];
    }
    return agent.records.map((record, at) => [
      at === 0 ? name : "",
      ...(at === 0 ? whose(agent) : hasTenants ? [""] : []),
      plainText(record.capability),
      ...figuresOf(record),
      [at === 0 ? standing : "", breakerWord(record)].filter(Boolean).join(", "),
    ]);
  });
  const numeric = [2, 3, 4, 5, 6].map((column) => hasTenants ? column + 1 : column);
  const [first, ...rest] = tableText([head, ...rows], { numeric })
    .split(/(?<=\n)/);
  return [paint("dim", first!.trimEnd()), "\n", ...rest].join("");
}

function figuresOf({ success, low, high, tasks, latencyMs, costUsd }: CapabilityRecord): string[] {
  return [
    tasks === 0 ? "new" : percent(success),
    tasks === 0 ? "-" : `${percent(low)} to ${percent(high)}`,
    String(tasks),
    latencyMs === null ? "-" : formatDuration(latencyMs),
    usd(costUsd),
  ];
}

function breakerWord({ breaker }: CapabilityRecord): string {
  return breaker === "closed" ? "" : breaker === "open" ? "taken out" : "on trial";
}

/** Everything about one agent, in sentences. */
export function agentText(agent: AgentDetail, color: boolean): string {
  const paint = painter(color);
  const { ref, status, description } = agent;
  return [
    `${paint("bold", plainText(ref))}  ${paint(TINTS[status], status)}\n`,
    description === null ? "" : `${plainText(description)}\n`,
    tableText(factsOf(agent), { indent: "  " }),
    findingsText(agent, paint),
    ...agent.records.map((record) => `\n${recordText(record, paint, agent.status === "refused")}`),
    agent.records.length === 0
      ? "\nNo capability of it is known: no task of its workflow asks for one\n"
      : "",
  ].join("");
}

/** What it claims and does not keep; empty for one that keeps its word. */
export function findingsText(
  { findings, status }: Pick<AgentDetail, "findings" | "status">,
  paint: Paint,
): string {
  const lines = findings.map(({ capability, code, message }) => {
    const where = capability === null ? "" : `${plainText(capability)}: `;
    return `  ${paint("red", "✗")} ${where}${plainText(message)} ${paint("dim", code)}\n`;
  });
  const head = status === "refused"
    ? "It gets no tasks, for it does not keep what it claims:\n"
    : "";
  return lines.length === 0 ? "" : `${head}${lines.join("")}`;
}

function factsOf(agent: AgentDetail): string[][] {
  const { module, codeHash, versions, concurrency, replicas, inFlight, costUsd, bids } = agent;
  const { registeredAt, registeredBy, checkedAt, workflow, tenant } = agent;
  const price = costUsd === 0 ? "nothing" : `${usd(costUsd)} USD for an attempt`;
  return [
    ["module", `${plainText(module)}  ${codeHash.slice(0, HASH_CHARS)}`],
    ...(workflow === null ? [] : [["workflow", plainText(workflow)]]),
    ...(tenant === null ? [] : [["tenant", plainText(tenant)]]),
    ...(versions.length < 2 ? [] : [["versions", versions.map(plainText).join(", ")]]),
    ["may reach", permissionsText(agent.permissions)],
    ["costs", bids ? `${price}; it bids in auctions` : price],
    [
      "does",
      `${concurrency} at once in a worker, with up to ${replicas.max} workers on a node; ` +
      `${inFlight} in flight now`,
    ],
    ...(registeredAt === null
      ? []
      : [["registered", `${registeredAt.slice(0, 19)}Z by ${plainText(registeredBy ?? "-")}`]]),
    ...(checkedAt === null ? [] : [["checked", `${checkedAt.slice(0, 19)}Z`]]),
  ];
}

/** What an agent may reach, in words. */
export function permissionsText(permissions: AgentEntry["permissions"]): string {
  const granted = Object.entries(permissions).filter(([, values]) => (values ?? []).length > 0);
  if (granted.length === 0) return "nothing";
  return granted.map(([kind, values]) => `${kind} ${values!.map(plainText).join(", ")}`).join("; ");
}

function recordText(record: CapabilityRecord, paint: Paint, isRefused: boolean): string {
  const { capability, isA, partOf, tasks, latencyMs, costUsd } = record;
  const kin = [
    ...(isA.length === 0 ? [] : [`a kind of ${isA.map(plainText).join(", ")}`]),
    ...(partOf.length === 0 ? [] : [`part of ${partOf.map(plainText).join(", ")}`]),
  ].join("; ");
  const head = `${paint("bold", plainText(capability))}${kin === "" ? "" : `  (${kin})`}\n`;
  const share = tasks === 0
    ? `  no task asked for it by this name yet: it is taken to succeed at ${
      percent(record.success)
    }`
    : `  succeeds at ${percent(record.success)} of its tasks`;
  const outcomes = tasks === 0
    ? ""
    : `, from the last ${tasks === 1 ? "outcome" : `${tasks} outcomes`}, ${record.successes} good`;
  const time = latencyMs === null ? "" : `takes ${formatDuration(latencyMs)}, `;
  return [
    head,
    `${share} (${percent(record.low)} to ${percent(record.high)} with 90 % certainty)${outcomes}\n`,
    outvotedText(record),
    `  ${time}costs ${costUsd === 0 ? "nothing" : `${usd(costUsd)} USD`}\n`,
    isRefused ? "" : `  ${breakerText(record, paint)}\n`,
    record.drift >= DRIFT_TOLD
      ? `  ${paint("yellow", `it has changed: ${percent(record.drift)} sure`)}\n`
      : "",
    biddingText(record),
  ].join("");
}

/**
 * What the breaker does, in words. An agent that nobody stands in for is tried sooner, and whatever
 * it did before.
 */
function breakerText({ breaker, retryAt, standIns }: CapabilityRecord, paint: Paint): string {
  if (breaker === "closed") return "it gets tasks";
  const from = breaker === "half-open" || retryAt === null ? "" : ` from ${retryAt.slice(0, 19)}Z`;
  const trial = "with one task at a time";
  const tint = breaker === "open" ? "red" : "yellow";
  if (standIns.length === 0) {
    return paint(
      tint,
      `it failed too often: as nobody else can, it is tried again ${trial}${from}`,
    );
  }
  const others = `${standIns.map(plainText).join(", ")} ${standIns.length === 1 ? "does" : "do"}`;
  return paint(
    tint,
    `it failed too often: ${others} its work. It is tried again ${trial}${from}, if it did better ` +
      `before; sooner where no other can take the task`,
  );
}

function biddingText({ bidding }: CapabilityRecord): string {
  if (bidding === null) return "";
  const { bids, standing } = bidding;
  return `  it promised success in ${bids} ${
    bids === 1 ? "bid" : "bids"
  }; what it promises counts ` +
    `${percent(standing)}\n`;
}

/** Such attempts did not fail, and yet are not among the good ones. */
function outvotedText({ outvoted }: CapabilityRecord): string {
  if (outvoted === 0) return "";
  const what = outvoted === 1
    ? "1 result lost to another's (OUTVOTED) and counts"
    : `${outvoted} results lost to others' (OUTVOTED) and count`;
  return `  ${what} as not good\n`;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** Three digits that count, without an exponent. */
function usd(cost: number): string {
  return cost === 0 ? "0" : Number(cost.toPrecision(3)).toString();
}
