/**
 * The format of workflow files, as data: `parse.ts` checks files against it, and
 * `docs/workflow.schema.json` is generated from it.
 *
 * @module
 */
import {
  backoffShape,
  choice,
  type DocumentFormat,
  duration,
  integer,
  list,
  moduleRule,
  object,
  permissionsShape,
  type Shape,
  templateText,
  text,
  type TextRule,
} from "../core/document/mod.ts";
import { checkCron, checkTimeZone } from "./cron.ts";
import { expression, template } from "./expression_shapes.ts";
import { AGENT_REFERENCE, ASSIGN, REUSE } from "./format_assign.ts";

const WORKFLOW_NAME: TextRule = {
  pattern: /^[a-z][a-z0-9-]*$/,
  noun: "workflow name",
  code: "INVALID_NAME",
  hint: "Use small letters, digits and hyphens, beginning with a letter: repo-audit",
};

/** Semantic Versioning 2.0.0, without build metadata. */
const SEMVER: TextRule = {
  pattern: /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$/,
  noun: "version",
  code: "INVALID_VERSION",
  hint: "Write three numbers: 1.2.0",
};

/** Names that JavaScript objects have by themselves are kept out of the way. */
export const ID_RULE: TextRule = {
  pattern: /^(?!(?:__proto__|constructor|prototype)$)[A-Za-z0-9_-]{1,128}$/,
  noun: "name",
  code: "INVALID_NAME",
  hint: "Use letters, digits, - and _ (at most 128); not constructor or prototype",
};

const ERROR_CODE: TextRule = {
  pattern: /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/,
  noun: "error code",
  code: "INVALID_ERROR_CODE",
  hint: "Write capitals with underscores: TIMEOUT, UNAVAILABLE, MY_OWN_CODE",
};

const CAPABILITY: TextRule = {
  pattern: /^[A-Za-z][\w-]*(\.[A-Za-z][\w-]*)*$/,
  noun: "capability",
  code: "INVALID_NAME",
  hint: "Write words joined by dots: code.measure",
};

const TOOL: TextRule = {
  pattern: /^[a-z][a-z0-9-]*\/[A-Za-z][\w.-]*(@[\^~]?\d+(\.\d+){0,2})?$/,
  noun: "tool of a plugin",
  code: "INVALID_NAME",
  hint: "Write plugin/tool@range: http/request@^1",
};

const WORKFLOW_REFERENCE: TextRule = {
  pattern: /^[a-z][a-z0-9-]*(@[\^~]?\d+(\.\d+){0,2})?$/,
  noun: "workflow name",
  code: "INVALID_NAME",
  hint: "Write name@range: other-flow@^2",
};

const HOOK_PATH: TextRule = {
  pattern: /^[A-Za-z0-9][\w/-]*$/,
  noun: "path of a webhook",
  code: "INVALID_VALUE",
  hint: "Write it without a leading slash: github-push",
};

const SECRET: TextRule = {
  pattern: /^(secrets\.[A-Za-z_]\w*|\$\{\{\s*secrets\.[A-Za-z_]\w*\s*\}\})$/,
  noun: "secret",
  code: "INVALID_VALUE",
  hint: "Name a secret, never write it here: secrets.GITHUB_WEBHOOK",
  isSecret: true,
};

const TOPIC: TextRule = {
  pattern: /^[\w*-]+(\.[\w*-]+)*$/,
  noun: "topic",
  code: "INVALID_VALUE",
  hint: "Write words joined by dots, * for any word: orders.*",
};

const SYSTEM_FILE: TextRule = {
  pattern: /^(?!\w+:\/\/)[^\0]+\.(ya?ml|json)$/,
  noun: "actor system file",
  code: "INVALID_VALUE",
  hint: "Write the path of a YAML or JSON file, relative to this file: ./system.yaml",
};

const TIMEOUT: Shape = {
  kind: "either",
  doc: "Time limits; a plain duration limits one attempt.",
  short: duration("Limit of one attempt."),
  long: object("time-out", {
    attempt: duration("From the start to the end of one attempt. Default 5m."),
    total: duration("Over all attempts and the waits between them."),
    heartbeat: duration("Longest silence of a worker before it is killed. Default 5s."),
  }),
};

const RETRY = object("retry policy", {
  maxAttempts: integer(1, 1_000, "Attempts in all. Default 3; 1 means no retry."),
  backoff: backoffShape("10s"),
  on: list(
    text("An error code.", ERROR_CODE),
    "Codes that are retried. Default: transient ones.",
    "[TIMEOUT]",
  ),
}, { doc: "When a failed attempt is tried again.", shorthand: "maxAttempts" });

const PERMISSIONS = permissionsShape({
  isTemplate: true,
  startFolder: "the folder the run is started from",
  doc: "What the agent may reach. Anything that is not listed is denied.",
});

const AGENT = object("agent", {
  module: text(
    "Path of the module, relative to this file.",
    moduleRule("./agents/walker.ts"),
    "./agents/NAME.ts",
  ),
  permissions: PERMISSIONS,
  concurrency: integer(1, 1_000, "Tasks at once in one worker. Default 1."),
  replicas: object("replica range", {
    min: integer(0, 1_000, "Workers kept warm. Default 0."),
    max: integer(1, 1_000, "Workers at most. Default 2."),
  }, { doc: "How many workers." }),
  memoryMb: integer(16, 65_536, "Memory of one worker. Default 256."),
}, { required: ["module"], doc: "An agent that belongs to this file." });

const BUDGET = object("budget", {
  usd: { kind: "number", isInteger: false, min: 0, doc: "US dollars." },
  tokens: integer(0, Number.MAX_SAFE_INTEGER, "Model tokens."),
  calls: integer(0, Number.MAX_SAFE_INTEGER, "Calls of models and tools."),
}, { doc: "What the run may spend." });

const EXPRESSION_TRIGGER = expression("Start only when this holds; sees event.");

const TRIGGER = object("trigger", {
  schedule: object("schedule", {
    cron: {
      ...text("minute hour day month weekday", undefined, '"0 9 * * 1-5"'),
      check: checkCron,
    },
    timeZone: { ...text("IANA name, such as Europe/Zurich. Default UTC."), check: checkTimeZone },
    overlap: choice(
      "While the run before is going on: skip, wait, or run beside it.",
      "skip",
      "queue",
      "allow",
    ),
    catchUp: choice("Starts that were missed: none, the latest, or all.", "none", "latest", "all"),
  }, { required: ["cron"] }),
  webhook: object("webhook", {
    path: text("Path under /hooks/.", HOOK_PATH, "github-push"),
    signature: object("signature", {
      scheme: choice("How the sender signs.", "github", "stripe", "slack", "hmac-sha256"),
      secret: text("secrets.NAME", SECRET, "secrets.NAME"),
    }, { required: ["scheme", "secret"] }),
  }, { required: ["path"] }),
  event: object("event trigger", {
    topic: text("Topic; * stands for any word.", TOPIC, "orders.new"),
    if: EXPRESSION_TRIGGER,
  }, { required: ["topic"] }),
  file: object("file trigger", {
    path: text("File or folder, relative to this file.", undefined, "./inbox"),
    events: list(choice("", "create", "modify", "remove"), "Default: create and modify."),
    if: EXPRESSION_TRIGGER,
  }, { required: ["path"] }),
}, {
  oneOf: {
    keys: ["schedule", "webhook", "event", "file"],
    purpose: "when to start",
    missing: "INVALID_TRIGGER",
    conflict: "INVALID_TRIGGER",
  },
});

/** Keys of which a task has exactly one. */
export const TARGET_KEYS: readonly string[] = [
  "agent",
  "capability",
  "value",
  "wait",
  "uses",
  "workflow",
  "approve",
  "emit",
];

const WITH = template("Input of whoever does the task.", { isObject: true });

const COMPENSATE = object("compensation", {
  agent: text("An agent of this file, or name@range.", AGENT_REFERENCE),
  capability: text("A capability.", CAPABILITY),
  uses: text("plugin/tool@range", TOOL),
  workflow: text("name@range", WORKFLOW_REFERENCE),
  with: WITH,
}, {
  doc: "Undoes the task when the run fails later.",
  oneOf: {
    keys: ["agent", "capability", "uses", "workflow"],
    purpose: "what to do",
    missing: "TASK_TARGET_MISSING",
    conflict: "TASK_TARGET_CONFLICT",
  },
});

const WAIT = object("wait", {
  for: duration("How long."),
  until: templateText("A timestamp, or an expression that yields one."),
  signal: text("Name of a signal.", ID_RULE),
  timeout: duration("Longest wait for the signal."),
}, {
  doc: "Waits for a time or a signal.",
  shorthand: "for",
  oneOf: {
    keys: ["for", "until", "signal"],
    purpose: "how long",
    missing: "INVALID_VALUE",
    conflict: "INVALID_VALUE",
  },
});

/** One entry of `tasks:`. */
export const TASK = object("task", {
  needs: list(
    text("A task of this file.", ID_RULE),
    "Tasks that must end before this one starts.",
    "[list]",
  ),
  if: expression("Skip the task unless this holds.", "boolean"),
  forEach: expression("One instance of the task for each item.", "list"),
  maxParallel: integer(1, 10_000, "Items at once. Default: as many as the run allows."),
  agent: text("An agent of this file, or name@range of a registered one.", AGENT_REFERENCE),
  capability: text("A capability; an agent that has it is chosen.", CAPABILITY),
  value: template("Computes a value, without an agent."),
  wait: WAIT,
  uses: text("A tool of a plugin: plugin/tool@range.", TOOL),
  workflow: text("Another workflow: name@range.", WORKFLOW_REFERENCE),
  approve: object("approval", {
    title: templateText("What is to be approved.", undefined, "Publish?"),
    form: { kind: "jsonSchema", isObject: true, doc: "What the person fills in." },
    timeout: duration("How long it may stay open."),
    escalate: text("Whom to ask then."),
  }, { required: ["title"], doc: "Waits for a person." }),
  emit: object("event", {
    topic: templateText("Topic of the event.", undefined, "orders.new"),
    payload: template("Content of the event."),
  }, { required: ["topic"], doc: "Publishes an event to a topic of the actor system." }),
  with: WITH,
  retry: RETRY,
  timeout: TIMEOUT,
  estimate: duration(
    "Expected duration: a hint, so that the longest way through the run starts first.",
  ),
  continueOnError: {
    kind: "boolean",
    doc: "Its failure does not fail the run; its output is null.",
  },
  fallback: object("fallback", {
    agent: text("An agent of this file, or name@range.", AGENT_REFERENCE, "NAME"),
  }, {
    required: ["agent"],
    doc: "Does the work when every attempt failed.",
    shorthand: "agent",
  }),
  repeat: object("repetition", {
    until: expression("Stop when this holds; sees output."),
    every: duration("Pause between two rounds. Default 10s."),
    maxTimes: integer(1, 1_000_000, "Rounds at most. Default 60."),
  }, { required: ["until"], doc: "Runs the task again until a condition holds." }),
  compensate: COMPENSATE,
  budget: BUDGET,
  assign: ASSIGN,
  reuse: REUSE,
}, {
  oneOf: {
    keys: TARGET_KEYS,
    purpose: "what to do",
    missing: "TASK_TARGET_MISSING",
    conflict: "TASK_TARGET_CONFLICT",
  },
});

const RETAIN = object("retention", {
  completed: duration("After the end of a run that completed. Default: for ever."),
  failed: duration("After the end of a run that failed. Default: for ever."),
  cancelled: duration("After the end of a run that was cancelled. Default: for ever."),
  runs: integer(0, 10_000_000, "Closed runs; the newest are kept. Default: all."),
}, { doc: "How long closed runs are kept. Then they are deleted, with all that they have left." });

/** A whole file. */
export const WORKFLOW = object("workflow", {
  name: text("Small letters, digits and hyphens.", WORKFLOW_NAME, "my-workflow"),
  version: text("Semantic version.", SEMVER),
  description: text("What the workflow does."),
  input: { kind: "jsonSchema", isObject: true, doc: "JSON Schema (2020-12) of the run's input." },
  vars: { kind: "constants", doc: "Constants for expressions: vars.name." },
  on: list(TRIGGER, "Triggers."),
  agents: { kind: "record", of: AGENT, key: ID_RULE, doc: "Agents of this file, by name." },
  system: text(
    "Path of the actor system that agents may write to, relative to this file.",
    SYSTEM_FILE,
    "./system.yaml",
  ),
  concurrency: integer(1, 10_000, "Tasks of one run at once. Default 16."),
  timeout: duration("From the start of a run to its end."),
  deadline: duration("From submission to the end."),
  priority: integer(0, 9, "0 low, 9 high. Default 5."),
  retain: RETAIN,
  budget: BUDGET,
  defaults: object("default list", {
    timeout: TIMEOUT,
    retry: RETRY,
    continueOnError: { kind: "boolean", doc: "For tasks that do not say." },
  }, { doc: "For tasks that do not say otherwise." }),
  tasks: { kind: "record", of: TASK, key: ID_RULE, min: 1, doc: "What is to be done, by id." },
  output: template("Result of the run. Sees the outputs of all tasks."),
}, { required: ["name", "tasks"] });

/** Spellings of other tools, and what they are called here. */
const SYNONYMS: Readonly<Record<string, string>> = {
  after: "needs",
  args: "with",
  assignment: "assign",
  bids: "auction",
  cache: "reuse",
  arguments: "with",
  capabilities: "capability",
  condition: "if",
  "continue-on-error": "continueOnError",
  cron: "schedule",
  depends: "needs",
  depends_on: "needs",
  dependsOn: "needs",
  each: "forEach",
  env: "with",
  environment: "env",
  execute: "run",
  files: "read",
  filesystem: "read",
  network: "net",
  system: "sys",
  expected: "estimate",
  exclude: "deny",
  file: "module",
  foreach: "forEach",
  for_each: "forEach",
  id: "name",
  inputs: "input",
  items: "forEach",
  jobs: "tasks",
  loop: "forEach",
  matrix: "forEach",
  "max-parallel": "maxParallel",
  memory: "memoryMb",
  onError: "continueOnError",
  outputs: "output",
  parallelism: "maxParallel",
  parameters: "with",
  params: "with",
  path: "module",
  requires: "needs",
  results: "output",
  retention: "retain",
  retries: "retry",
  run: "agent",
  script: "module",
  sleep: "wait",
  steps: "tasks",
  strategy: "forEach",
  "timeout-minutes": "timeout",
  triggers: "on",
  tool: "uses",
  variables: "vars",
  when: "if",
  workers: "replicas",
};

/** What workflow files are checked against. */
export const FORMAT: DocumentFormat = { shape: WORKFLOW, synonyms: SYNONYMS };
