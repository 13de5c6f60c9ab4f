import { type CatalogueEntry, entry, TRANSIENT } from "./entry.ts";

/** What an attempt of a task may end with. */
export const ATTEMPT_ERRORS = {
  TIMEOUT: entry(
    "attempt",
    "An attempt, a task or a run took longer than its limit.",
    "Raise `timeout`, give the task less work (smaller `forEach` items), or look with `runs show` where the time went.",
    TRANSIENT,
  ),
  UNAVAILABLE: entry(
    "attempt",
    "Something that the agent needs does not answer now.",
    "Wait and retry. When it stays so, check that the service is up and reachable.",
    TRANSIENT,
  ),
  RATE_LIMITED: entry(
    "attempt",
    "A service refused because too many requests were made.",
    "Lower `concurrency` or `maxParallel`, or raise `retry.backoff`.",
    TRANSIENT,
  ),
  CRASHED: entry(
    "attempt",
    "The worker ended before it answered: an unhandled error, `Deno.exit`, or it was killed.",
    "Read the agent's log lines of the attempt with `runs show`, and handle the error in the agent.",
    TRANSIENT,
  ),
  OUT_OF_MEMORY: entry(
    "attempt",
    "The worker used more memory than its `memoryMb`.",
    "Raise `memoryMb` of the agent, or give each attempt less work.",
    TRANSIENT,
  ),
  UNRESPONSIVE: entry(
    "attempt",
    "The worker's event loop was silent for longer than `timeout.heartbeat`: a busy or endless loop.",
    "Break long computations with `await`, or raise `timeout.heartbeat`.",
    TRANSIENT,
  ),
  PERMISSION_DENIED: entry(
    "attempt",
    "The agent asked for something that its `permissions` do not grant.",
    "Add the path, host or name to the agent's `permissions` if it may have it; otherwise mend the agent.",
  ),
  INVALID_INPUT: entry(
    "attempt",
    "The input does not fit the schema of the agent's capability.",
    "Compare `with:` with the agent's input schema. The error's details name the field.",
  ),
  INVALID_OUTPUT: entry(
    "attempt",
    "The agent answered with something that its schema does not allow, that is no JSON (`NaN`, a `Map`, a function …), or that is too large.",
    "Mend the agent's answer or its output schema. Large results belong in files, with their paths as output.",
  ),
  BUDGET_EXCEEDED: entry(
    "attempt",
    "The run spent all of its `budget`.",
    "Raise the budget, or use a cheaper model or fewer calls.",
  ),
  CANCELLED: entry(
    "attempt",
    "The run was cancelled while this was running.",
    "`runs retry ID` starts the cancelled tasks again.",
  ),
  MESSAGE_FLOOD: entry(
    "attempt",
    "The worker sent far more than any agent needs, or went on sending what was refused, and was ended.",
    "Await messages before sending more, heed `retryAfterMs`, and log through `ctx`, which keeps limits.",
  ),
  STEP_REPEATED: entry(
    "attempt",
    "The agent used one `ctx.step` id for two steps of the same attempt.",
    "Give each step its own id, for instance `fetch-${n}`. A later attempt uses the same ids again.",
  ),
  NOT_SUPPORTED: entry(
    "attempt",
    "The agent used a part of `ctx` that this version does not have.",
    "The message says what to use instead.",
  ),
  AGENT_INVALID: entry(
    "attempt",
    "The agent's module could not be loaded, or its default export is no agent.",
    "Write `export default defineAgent({ name, run(input, ctx) { … } })`, and check what runs when the module is loaded.",
  ),
  FAILED: entry(
    "attempt",
    "The agent threw an error without a code of its own.",
    "Read the message. Throw `AgentError` with a code in the agent to make it precise.",
  ),
  NODE_LOST: entry(
    "attempt",
    "The node that ran the attempt stopped. It does not count against `maxAttempts`.",
    "Nothing: the attempt is repeated by the node that takes the run over.",
  ),
  NOBODY_CAN: entry(
    "attempt",
    "No agent that offers the capability could do the task for as long as it may wait.",
    "The message says why each was left out. Loosen `assign`, or register an agent that can.",
  ),
  NO_MAJORITY: entry(
    "attempt",
    "The agents that voted on a task did not agree, and `ties: fail` leaves it at that.",
    "Write `ties: evidence`, ask an odd number of agents, or add a `fallback`.",
  ),
  NO_AGENT: entry(
    "attempt",
    "No agent offers the capability that the task asks for.",
    "Add an agent whose module lists the capability, or correct its name.",
  ),
  EXPRESSION_FAILED: entry(
    "attempt",
    "An expression could not be evaluated with the values of the run.",
    "The details show the expression. Guard against missing values with `has(…)`.",
  ),
  VALUE_TOO_LARGE: entry(
    "attempt",
    "An expression gives a value too large to pass on.",
    "Keep large data in files, and pass their paths.",
  ),
  REPEAT_EXHAUSTED: entry(
    "attempt",
    "The task ran `maxTimes` times and `until` never held.",
    "Raise `maxTimes` or `every`, or check the condition.",
  ),
  DEADLINE_EXCEEDED: entry(
    "attempt",
    "The run did not end before its `deadline`.",
    "Raise `deadline`, or raise `priority` so that it starts earlier.",
  ),
} satisfies Record<string, CatalogueEntry>;
