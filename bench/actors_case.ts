import { type Lab, note } from "./lab.ts";
import { type Goal, type Measurement, measurementOf } from "./measurement.ts";
import { portFloodPerS, portRoundTripMs } from "./raw_ports.ts";
import { quantile } from "./statistics.ts";
import { type Flow, type FlowResult, Traffic } from "./traffic.ts";

/** What is told of a flow beside its rate. */
export interface FlowReport extends FlowResult {
  name: string;
}

const ASKS = 1_000;
const ASKS_QUICK = 100;
const ROUNDS = 20;
/** Times that a limit is measured before a flow, and again after it. */
const RAW_ROUNDS = 3;
const RAW_FLOOD_MS = 1_000;
const RAW_COMMITS = 100;

const IN_MEMORY: Omit<Flow, "seconds"> = {
  senders: ["1"],
  receivers: ["actor://receiver/main"],
  durable: false,
};
const DURABLE: Omit<Flow, "seconds"> = {
  senders: ["1", "2", "3", "4"],
  receivers: [1, 2, 3, 4].map((key) => `actor://tally/${key}`),
  durable: true,
};

/** Asks and tells from an actor in one cell to one in another, each flow for so many seconds. */
export async function measureActors(
  lab: Lab,
  seconds: number,
): Promise<{ measurements: Measurement[]; flows: FlowReport[] }> {
  const traffic = await Traffic.open(await Deno.makeTempDir({ dir: lab.dir }));
  try {
    const asks = await measureAsks(lab, traffic);
    const memory = await measureInMemory(lab, traffic, seconds);
    const durable = await measureDurable(lab, traffic, seconds);
    return {
      measurements: [...asks, memory.measurement, durable.measurement],
      flows: [memory.report, durable.report],
    };
  } finally {
    await traffic.close();
  }
}

async function measureAsks(lab: Lab, traffic: Traffic): Promise<Measurement[]> {
  const count = lab.isQuick ? ASKS_QUICK : ASKS;
  const asks: number[][] = [];
  const ports: number[][] = [];
  await traffic.askMs(count);
  for (let round = 0; round < (lab.isQuick ? 1 : ROUNDS); round++) {
    note(lab, "raw.echo", await lab.echo.roundTripMs(count));
    ports.push(note(lab, "raw.port", await portRoundTripMs(count)));
    asks.push(await traffic.askMs(count));
  }
  const row = { unit: "ms", limitName: "postMessage between two workers and back" };
  const at = (q: number, rounds: number[][]) => rounds.map((times) => quantile(times, q));
  const goal: Goal = { of: "value", atMost: 0.5 };
  return [
    measurementOf({ ...row, name: "actors.ask.p50", goal }, at(0.5, asks), at(0.5, ports)),
    measurementOf({ ...row, name: "actors.ask.p99" }, at(0.99, asks), at(0.99, ports)),
  ];
}

function measureInMemory(lab: Lab, traffic: Traffic, seconds: number) {
  const limit = async () =>
    note(lab, "raw.port.pipelined", [await portFloodPerS(lab.isQuick ? 200 : RAW_FLOOD_MS)]);
  const row = {
    name: "actors.memory.rate",
    limitName: "postMessage from worker to worker",
    goal: { of: "value", atLeast: 100_000 } as const,
  };
  return measureFlow(lab, row, limit, () => traffic.flow({ ...IN_MEMORY, seconds }));
}

function measureDurable(lab: Lab, traffic: Traffic, seconds: number) {
  const commits = lab.isQuick ? 20 : RAW_COMMITS;
  const limit = async () => note(lab, "raw.commit.grouped", [await lab.store.groupedPerS(commits)]);
  const row = {
    name: "actors.durable.rate",
    limitName: "mutations of bare commits of 200",
    goal: { of: "value", atLeast: 20_000 } as const,
  };
  return measureFlow(lab, row, limit, () => traffic.flow({ ...DURABLE, seconds }));
}

/** The limit is measured before and after; the value is all that was handled ÷ all the time. */
async function measureFlow(
  lab: Lab,
  row: { name: string; limitName: string; goal: Goal },
  measureLimit: () => Promise<number[]>,
  flow: () => Promise<FlowResult>,
): Promise<{ measurement: Measurement; report: FlowReport }> {
  const limits: number[] = [];
  const measureLimits = async () => {
    for (let round = 0; round < (lab.isQuick ? 1 : RAW_ROUNDS); round++) {
      limits.push(...await measureLimit());
    }
  };
  await measureLimits();
  const result = await flow();
  await measureLimits();
  const rates = result.perSecond.length > 0 ? result.perSecond : [result.perS];
  const { limit, spread, ...rest } = measurementOf({ ...row, unit: "messages/s" }, rates, limits);
  const { perS } = result;
  return {
    measurement: { ...rest, limit, spread, value: perS, ratio: perS / limit },
    report: { name: row.name, ...result },
  };
}
