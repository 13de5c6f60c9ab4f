import { type CatalogueEntry, entry } from "./entry.ts";

/** What may be wrong in what a workflow file or an actor system file defines. */
export const DEFINITION_ERRORS = {
  INVALID_NAME: entry(
    "invalid_input",
    "A name has characters that names cannot have.",
    "Use lower-case letters, digits and hyphens, a letter first.",
  ),
  INVALID_VERSION: entry(
    "invalid_input",
    "The version is no semantic version.",
    "Write three numbers: 1.2.0.",
  ),
  INVALID_MODULE: entry(
    "invalid_input",
    "`module:` is no path of a TypeScript or JavaScript file.",
    "Write it relative to the file that names it: ./agents/walker.ts.",
  ),
  INVALID_ERROR_CODE: entry(
    "invalid_input",
    "A code in `retry.on` is no error code.",
    "Write codes in capitals: TIMEOUT. This page lists them.",
  ),
  INVALID_DURATION: entry(
    "invalid_input",
    "A duration cannot be read.",
    "Write a number with a unit: 250ms, 30s, 10m, 2h, 7d.",
  ),
  INVALID_TIMESTAMP: entry(
    "invalid_input",
    "A point in time cannot be read.",
    "Write date, time and zone: 2026-12-31T18:00:00+01:00.",
  ),
  INVALID_TRIGGER: entry(
    "invalid_input",
    "An entry of `on:` is not exactly one trigger.",
    "Give one of schedule, webhook, event or file.",
  ),
  INVALID_SCHEMA: entry(
    "invalid_input",
    "`input:` is no JSON Schema of an object.",
    "Begin with `type: object` and `properties:`.",
  ),
  INVALID_COMBINATION: entry(
    "invalid_input",
    "Keys stand together that exclude each other.",
    "Remove one of those named.",
  ),
  INVALID_PERMISSION: entry(
    "invalid_input",
    "A grant of an agent is not text once its expressions are resolved.",
    "Give the input that it names, or write the value itself.",
  ),
  TASK_TARGET_MISSING: entry(
    "invalid_input",
    "A task does not say who or what does it.",
    "Add one of agent, capability, value or wait.",
  ),
  TASK_TARGET_CONFLICT: entry(
    "invalid_input",
    "A task names several targets.",
    "Keep one of them.",
  ),
  UNKNOWN_AGENT: entry(
    "invalid_input",
    "A task names an agent that the file does not define.",
    "Correct the name, or add the agent under `agents:`.",
  ),
  UNKNOWN_CAPABILITY: entry(
    "invalid_input",
    "A warning: no agent of the file, and no registered one, offers what a task asks for.",
    "Correct the name, add an agent, or register one: the task waits for it.",
  ),
  UNKNOWN_ACTOR: entry(
    "invalid_input",
    "An actor is named that the system does not define.",
    "Add it under `actors:`, or correct the name.",
  ),
  INVALID_ADDRESS: entry(
    "invalid_input",
    "An address, or a pattern of addresses, cannot be read.",
    "Write `actor://name/key`; `*` may end the name and the key of a pattern.",
  ),
  INVALID_TOPIC: entry(
    "invalid_input",
    "A topic, or a pattern of topics, cannot be read.",
    "Write small words joined by dots; `*` stands for one word, `**` for any number of them.",
  ),
  DUPLICATE_ENTRY: entry(
    "invalid_input",
    "An entry of a list stands there already.",
    "Remove one of the two.",
  ),
  TOO_MANY_CHILDREN: entry(
    "invalid_input",
    "A supervision tree has more children than one may have.",
    "Leave out actors that may be started by their first message.",
  ),
  UNKNOWN_TASK: entry(
    "invalid_input",
    "A task is named that the file does not define.",
    "Correct the name.",
  ),
  DUPLICATE_NEED: entry(
    "invalid_input",
    "A task is listed twice in `needs`.",
    "Remove one of them.",
    { severity: "warning" },
  ),
  DEPENDENCY_CYCLE: entry(
    "invalid_input",
    "Tasks wait for each other in a ring.",
    "Remove one of the `needs` in the ring that the message shows.",
  ),
  CAPABILITY_LOOP: entry(
    "invalid_input",
    "Manifests say that a capability is narrower than itself, or a part of itself.",
    "Remove one of the `isA` or `partOf` lines in the ring that the message shows.",
  ),
  MISSING_NEED: entry(
    "invalid_input",
    "An expression uses the output of a task that need not have finished.",
    "Add the task to `needs`.",
  ),
  UNREACHABLE_TASK: entry(
    "invalid_input",
    "A task is skipped in every run.",
    "Remove it, or change its condition.",
    { severity: "warning" },
  ),
  NO_EFFECT: entry(
    "invalid_input",
    "A setting does nothing where it stands.",
    "Remove it, or add what it works on.",
    { severity: "warning" },
  ),
  SYSTEM_MISSING: entry(
    "invalid_input",
    "A task publishes an event, and the workflow names no actor system that has topics.",
    "Add `system: ./system.yaml` at the top of the workflow file.",
  ),
  NOT_SUPPORTED_YET: entry(
    "invalid_input",
    "A key is part of the format, but not of this version.",
    "The message says what to do instead.",
  ),
} satisfies Record<string, CatalogueEntry>;
