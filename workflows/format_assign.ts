/**
 * The part of the format that says how a task finds its agent.
 *
 * @module
 */
import {
  choice,
  duration,
  integer,
  list,
  object,
  permissionsShape,
  type Shape,
  text,
  type TextRule,
} from "../core/document/mod.ts";
import { template } from "./expression_shapes.ts";

/** An agent of the file, or a registered one: `name`, or `name@range`. */
export const AGENT_REFERENCE: TextRule = {
  pattern:
    /^(?!(?:__proto__|constructor|prototype)(?:@|$))[A-Za-z0-9_-]{1,128}(@[0-9A-Za-z.*^~<>=|+ -]{1,64})?$/,
  noun: "agent",
  code: "INVALID_NAME",
  hint: "Write an agent of this file, or name@range of a registered one: measurer@^1",
};

/** The longest time for bids, as it would be written. */
const BID_TIMEOUT_MAX = "1m";

const JUDGE = text("An agent of this file, or name@range.", AGENT_REFERENCE, "NAME");

function usd(doc: string): Shape {
  return { kind: "number", isInteger: false, min: 0, doc };
}

function contenders(min: number, standard: number): Shape {
  return integer(min, 9, `Agents that do it. Default ${standard}.`);
}

const ASSIGN_OBJECT = object("assignment", {
  pin: list(text("An agent.", AGENT_REFERENCE), "Only these may do it.", "[NAME]"),
  deny: list(text("An agent.", AGENT_REFERENCE), "None of these may do it.", "[NAME]"),
  prefer: choice(
    "What matters beside success. Default balanced.",
    "balanced",
    "speed",
    "cost",
    "success",
  ),
  maxCost: usd("Most that an attempt may cost, in US dollars."),
  permissions: permissionsShape({
    isTemplate: true,
    startFolder: "the folder the run is started from",
    doc: "The agent may reach no more than this.",
  }),
  wait: {
    kind: "duration",
    isZeroAllowed: true,
    doc: "How long the task waits while nobody can do it. Default 10m.",
  },
  auction: object("auction", {
    bidTimeout: {
      kind: "duration",
      max: BID_TIMEOUT_MAX,
      doc: "How long bids are waited for. Default 2s.",
    },
    reserve: usd("Bids above it, in US dollars, are refused. Default: none are."),
  }, { doc: "Agents are asked for bids." }),
  vote: object("vote", {
    of: contenders(2, 3),
    ties: choice(
      "With equal votes: evidence takes the result of the agent that is expected to do better. Default evidence.",
      "evidence",
      "fail",
    ),
  }, { doc: "Several agents do it; what most of them return counts.", shorthand: "of" }),
  judge: object("judge", { of: contenders(2, 2), by: JUDGE }, {
    required: ["by"],
    doc: "Several agents do it; another one says whose result counts.",
    shorthand: "by",
  }),
  merge: object("merge", {
    of: contenders(2, 2),
    by: JUDGE,
    value: template("Makes one result of all; sees results."),
  }, {
    doc: "Several agents do it; another one, or an expression, makes one result of theirs.",
    oneOf: {
      keys: ["by", "value"],
      purpose: "how the results become one",
      missing: "INVALID_VALUE",
      conflict: "INVALID_COMBINATION",
    },
  }),
});

/** `assign:` of a task. */
export const ASSIGN: Shape = {
  kind: "either",
  doc: "How an agent is chosen for the capability: score or bid, or in detail.",
  short: choice("By what is known of the agents, or by asking for bids.", "score", "bid"),
  long: ASSIGN_OBJECT,
};

/** `reuse:` of a task. */
export const REUSE: Shape = object("reuse", {
  maxAge: duration("Older results do not count. Default 7d."),
  minSimilarity: {
    kind: "number",
    isInteger: false,
    min: 0,
    max: 1,
    doc: "How alike the tasks must be; 1, the default, asks for the same input.",
  },
}, { doc: "Takes an earlier result of an agent that could do it now, instead of doing it again." });
