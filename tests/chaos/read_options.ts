import { parseArgs } from "node:util";
import { type Fault, FAULTS } from "./faults/mod.ts";
import { STORE_KINDS, type StoreKind } from "./stores/mod.ts";

/** What the command line asks for. */
export interface ChaosOptions {
  mode: "trials" | "failover" | "rolling";
  stores: StoreKind[];
  faults: Fault[];
  seconds: number;
  /** Runs of each trial. */
  runs: number;
  nodes: number;
  kills: number;
  /** In flight on a node that is killed; 0 leaves this out. */
  crowd: number;
  rounds: number;
  seed: number;
  electionTimeoutMs: number;
  isUnsafe: boolean;
  isStrict: boolean;
  isJson: boolean;
}

/** So many runs are submitted to each node in a minute. */
const RUNS_PER_NODE_MINUTE = 500;

const OPTIONS = {
  store: { type: "string", default: "kv" },
  fault: { type: "string", default: "all" },
  seconds: { type: "string", default: "60" },
  runs: { type: "string" },
  nodes: { type: "string", default: "3" },
  seed: { type: "string", default: "1" },
  "election-timeout": { type: "string", default: "1000" },
  failover: { type: "boolean", default: false },
  kills: { type: "string", default: "50" },
  crowd: { type: "string", default: "1000" },
  rolling: { type: "boolean", default: false },
  rounds: { type: "string", default: "2" },
  unsafe: { type: "boolean", default: false },
  strict: { type: "boolean", default: false },
  json: { type: "boolean", default: false },
} as const;

/** Throws `Error` for a word that it does not know. */
export function readOptions(args: readonly string[]): ChaosOptions {
  const { values } = parseArgs({ args: [...args], options: OPTIONS, strict: true });
  const seconds = numberOf("seconds", values.seconds);
  const nodes = numberOf("nodes", values.nodes);
  const names = FAULTS.map(({ name }) => name);
  // What is bound to break promises that fences keep.
  const all = values.unsafe ? FAULTS.filter(({ breaksUnfenced }) => breaksUnfenced) : FAULTS;
  return {
    mode: values.failover ? "failover" : values.rolling ? "rolling" : "trials",
    stores: pick("store", values.store, STORE_KINDS, STORE_KINDS),
    faults: pick("fault", values.fault, names, all.map(({ name }) => name))
      .map((name) => FAULTS.find((fault) => fault.name === name)!),
    seconds,
    nodes,
    runs: values.runs === undefined
      ? Math.ceil(RUNS_PER_NODE_MINUTE * nodes * seconds / 60)
      : numberOf("runs", values.runs),
    kills: numberOf("kills", values.kills),
    crowd: numberOf("crowd", values.crowd),
    rounds: numberOf("rounds", values.rounds),
    seed: numberOf("seed", values.seed),
    electionTimeoutMs: numberOf("election-timeout", values["election-timeout"]),
    isUnsafe: values.unsafe,
    isStrict: values.strict,
    isJson: values.json,
  };
}

function numberOf(name: string, text: string): number {
  const value = Number(text);
  if (text !== "" && Number.isFinite(value) && value >= 0) return value;
  throw new Error(`Cannot read --${name} "${text}": it takes a number`);
}

/** Names with commas between them, or `all`. */
function pick<T extends string>(
  name: string,
  text: string,
  known: readonly T[],
  all: readonly T[],
): T[] {
  if (text === "all") return [...all];
  return text.split(",").map((word) => {
    const found = known.find((one) => one === word);
    if (found !== undefined) return found;
    throw new Error(`Cannot read --${name} "${word}": it takes ${known.join(", ")} or all`);
  });
}
