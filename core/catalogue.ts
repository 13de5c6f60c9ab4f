/**
 * Every error code of Denizen in one table. `docs/errors.md` is generated from it, and a test
 * holds it against the source: no code without an entry, no entry without a code.
 *
 * @module
 */

/**
 * What the reader should do next, as in `core/errors.ts`; `attempt` codes are what came of an
 * attempt of a task, and what `retry.on` may name.
 */
export type ErrorCategory =
  | "invalid_input"
  | "conflict"
  | "unavailable"
  | "access"
  | "terminal"
  | "invariant"
  | "attempt";

/** One row of the catalogue. */
export interface CatalogueEntry {
  category: ErrorCategory;
  /** `fatal`: the process ends; `error`: the request, task or run fails; `warning`: it goes on. */
  severity: "fatal" | "error" | "warning";
  /** Whether another try may succeed with nothing changed. */
  isTransient: boolean;
  /** What it means, one sentence. */
  summary: string;
  /** What to do about it, one or two sentences. */
  hint: string;
}

function entry(
  category: ErrorCategory,
  summary: string,
  hint: string,
  options: { severity?: CatalogueEntry["severity"]; isTransient?: boolean } = {},
): CatalogueEntry {
  return {
    category,
    severity: options.severity ?? "error",
    isTransient: options.isTransient ?? false,
    summary,
    hint,
  };
}

const TRANSIENT = { isTransient: true };

/** What an attempt of a task may end with. */
const ATTEMPT_ERRORS = {
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

/** What may be wrong in a workflow file or an actor system file. */
const FILE_ERRORS = {
  FILE_NOT_READABLE: entry(
    "invalid_input",
    "A file that was named cannot be read.",
    "Check the path and its permissions. Relative paths begin at the current folder.",
  ),
  FILE_KIND_WRONG: entry(
    "invalid_input",
    "A workflow file stands where an actor system file is wanted, or the other way round.",
    "`run FILE` is for workflows, `actors run FILE` for actor systems.",
  ),
  FILE_EMPTY: entry(
    "invalid_input",
    "The file has nothing in it.",
    "Begin with `name:` and `tasks:`, or with `system:` and `actors:`.",
  ),
  FILE_TOO_LARGE: entry(
    "invalid_input",
    "The file, or what is declared in code, is larger than a definition may be.",
    "Move data out of it: into files that agents read, or into the input.",
  ),
  FILE_NOT_OBJECT: entry(
    "invalid_input",
    "The file is no mapping of keys to values.",
    "Begin with `name:` and `tasks:`, or with `system:` and `actors:`.",
  ),
  YAML_SYNTAX: entry(
    "invalid_input",
    "The text is no YAML 1.2.",
    "The hint at the place says what is missing. Quote text that holds `: ` or `#`.",
  ),
  YAML_TAB: entry(
    "invalid_input",
    "A line is indented with a tab.",
    "Indent with spaces.",
  ),
  YAML_DUPLICATE_KEY: entry(
    "invalid_input",
    "A key stands twice in one mapping.",
    "Keep one of them, or rename it.",
  ),
  YAML_MULTIPLE_DOCUMENTS: entry(
    "invalid_input",
    "The file holds several documents.",
    "Keep one document: remove `---`.",
  ),
  YAML_ALIAS_BOMB: entry(
    "invalid_input",
    "Aliases would blow the file up beyond all measure.",
    "Write the values out, or use fewer aliases.",
  ),
  YAML_ALIAS_CYCLE: entry(
    "invalid_input",
    "An alias stands inside the value that it names.",
    "Write the value out.",
  ),
  YAML_ALIAS_UNKNOWN: entry(
    "invalid_input",
    "An alias (`*name`) names an anchor (`&name`) that is not there.",
    "Quote the value when it is a text, or mark a value before it.",
  ),
  YAML_AMBIGUOUS: entry(
    "invalid_input",
    "A word such as `no` or `1.10` means something else than it seems to.",
    "Quote it when text is meant.",
    { severity: "warning" },
  ),
  NESTING_TOO_DEEP: entry(
    "invalid_input",
    "Values are nested too deep.",
    "Flatten them.",
  ),
  DANGEROUS_KEY: entry(
    "invalid_input",
    "A key has a special meaning in JavaScript.",
    "Choose another name.",
  ),
  UNKNOWN_KEY: entry(
    "invalid_input",
    "A key is not part of the format.",
    "The hint names the nearest one. `schema` prints the whole format.",
  ),
  MISSING_KEY: entry(
    "invalid_input",
    "A required key is missing.",
    "Add it.",
  ),
  WRONG_TYPE: entry(
    "invalid_input",
    "A value is of the wrong kind.",
    "The message says which kind is wanted.",
  ),
  INVALID_VALUE: entry(
    "invalid_input",
    "A value is not among those allowed.",
    "The hint lists them.",
  ),
  INVALID_NUMBER: entry(
    "invalid_input",
    "A number cannot be kept exactly.",
    "Quote it to keep it as text.",
  ),
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
  EXPRESSION_SYNTAX: entry(
    "invalid_input",
    "An expression is no CEL.",
    "The message shows the place. CEL has no assignments and no statements.",
  ),
  EXPRESSION_TYPE: entry(
    "invalid_input",
    "An expression yields or uses a value of the wrong type.",
    "Compare with the schema of the input, or convert: int(…), string(…).",
  ),
  EXPRESSION_EXPECTED: entry(
    "invalid_input",
    "A key wants one whole expression.",
    "Put everything inside one `${{ … }}`.",
  ),
  EXPRESSION_NOT_ALLOWED: entry(
    "invalid_input",
    "Only constants may stand here.",
    "Move the expression to where the value is used.",
  ),
  EXPRESSION_LOOKALIKE: entry(
    "invalid_input",
    "`{{` begins no expression.",
    "Write `${{`.",
    { severity: "warning" },
  ),
  UNKNOWN_NAME: entry(
    "invalid_input",
    "An expression uses a name that does not exist.",
    "Use input, vars, run or tasks; the hint names the nearest.",
  ),
  UNKNOWN_MEMBER: entry(
    "invalid_input",
    "An expression uses a member that its object does not have.",
    "The hint names the nearest.",
  ),
  UNKNOWN_FUNCTION: entry(
    "invalid_input",
    "An expression calls a function that does not exist, or with wrong arguments.",
    "The hint names the nearest, or the right form.",
  ),
  NAME_NOT_AVAILABLE: entry(
    "invalid_input",
    "A name exists, but not in this place.",
    "The hint says where it can be used.",
  ),
  SECRET_NOT_ALLOWED: entry(
    "invalid_input",
    "A secret is used where it could leak.",
    "Use secrets only where a broker takes them, never in what agents see.",
  ),
} satisfies Record<string, CatalogueEntry>;

/** What may be wrong with a command line. */
const COMMAND_ERRORS = {
  UNKNOWN_COMMAND: entry(
    "invalid_input",
    "The command line names a command that does not exist.",
    "`help` lists the commands.",
  ),
  UNKNOWN_OPTION: entry(
    "invalid_input",
    "The command does not have the option.",
    "`help COMMAND` lists its options.",
  ),
  ARGUMENT_MISSING: entry(
    "invalid_input",
    "The command needs another argument.",
    "`help COMMAND` shows how it is used.",
  ),
  ARGUMENT_UNWANTED: entry(
    "invalid_input",
    "The command has more arguments than it takes.",
    "`help COMMAND` shows how it is used.",
  ),
  ARGUMENT_VALUE_WRONG: entry(
    "invalid_input",
    "The value of an argument is not allowed.",
    "The hint says what is.",
  ),
  OPTION_VALUE_MISSING: entry(
    "invalid_input",
    "An option stands without its value.",
    "Write `--option VALUE` or `--option=VALUE`.",
  ),
  OPTION_VALUE_UNWANTED: entry(
    "invalid_input",
    "An option that takes no value has one.",
    "Leave the value out.",
  ),
  OPTION_VALUE_WRONG: entry(
    "invalid_input",
    "The value of an option is not allowed.",
    "The hint says what is.",
  ),
  OPTION_REPEATED: entry(
    "invalid_input",
    "An option stands twice.",
    "Keep one of them.",
  ),
  INPUT_OPTION_WRONG: entry(
    "invalid_input",
    "An `--input` cannot be read.",
    "Write `--input KEY=VALUE`; anything nested goes into `--input-file`.",
  ),
  INPUT_FILE_WRONG: entry(
    "invalid_input",
    "The `--input-file` cannot be read or holds no JSON object.",
    "Write the inputs as one JSON object.",
  ),
  SHELL_UNKNOWN: entry(
    "invalid_input",
    "Completions are not made for this shell.",
    "Use bash, zsh or fish.",
  ),
  STORE_URL_WRONG: entry(
    "invalid_input",
    "The URL of the store cannot be read, or something else answers there.",
    "Write `--store kv:FILE`, `--store postgres://user@host:5432/database?schema=denizen`, or `--store https://host` of a KV Connect server.",
  ),
  DATA_DIR_MISSING: entry(
    "invalid_input",
    "Nothing was ever run in the state directory.",
    "Name the right one with `--data DIR`.",
  ),
  RUN_NOT_FOUND: entry(
    "invalid_input",
    "No run has this id.",
    "`runs list` shows the ids.",
  ),
  SOCKET_MESSAGE_WRONG: entry(
    "invalid_input",
    "A message over the WebSocket has another form than those that are understood.",
    "See the forms of messages in the hint, or in the reference of the API.",
  ),
  SUBSCRIPTION_WRONG: entry(
    "invalid_input",
    "A WebSocket follows too many streams, or one that it does not follow was named.",
    "Follow all runs with one subscription; use names that came with acknowledgements.",
  ),
  EVENT_ID_INVALID: entry(
    "invalid_input",
    "A stream of events cannot be resumed: the id is none of an event.",
    "Send the `id` of a frame that came as `Last-Event-ID`, or none to begin at the start.",
  ),
  SYSTEM_NOT_FOUND: entry(
    "invalid_input",
    "No actor system of this name was ever started in the state directory.",
    "`actors list` shows those that were.",
  ),
  SYSTEM_UNCLEAR: entry(
    "invalid_input",
    "The state directory has several actor systems, and none was named.",
    "Name one; `actors list` shows them.",
  ),
  DEAD_LETTER_NOT_FOUND: entry(
    "invalid_input",
    "No dead letter has this id: it may have been replayed or dropped.",
    "`dead-letters list` shows the ids.",
  ),
} satisfies Record<string, CatalogueEntry>;

/** What a request or a part of the system may answer. */
const SYSTEM_ERRORS = {
  INVALID_WORKFLOW: entry(
    "invalid_input",
    "The workflow file has errors.",
    "`validate FILE` shows each with its place and what to write instead.",
  ),
  INVALID_SYSTEM: entry(
    "invalid_input",
    "The actor system has errors.",
    "`validate FILE` shows each with its place and what to write instead.",
  ),
  AGENT_MODULE_NOT_FOUND: entry(
    "invalid_input",
    "A module of an agent or actor, or a file that it imports, does not exist.",
    "Check the path. `module:` is relative to the file that names it; imports need their extension.",
  ),
  AGENT_SYNTAX: entry(
    "invalid_input",
    "A module of an agent cannot be parsed.",
    "Mend the syntax at the place named.",
  ),
  AGENT_IMPORT_REFUSED: entry(
    "invalid_input",
    "An agent imports something from the network, or a package without an exact version.",
    "Pin packages (`npm:name@1.2.3`); copy other code into the agent's folder.",
  ),
  NPM_PACKAGE_UNAVAILABLE: entry(
    "unavailable",
    "A package that an agent imports is not in the cache and could not be fetched.",
    "Check its name and version, and that the npm registry is reachable.",
    TRANSIENT,
  ),
  KEY_MISMATCH: entry(
    "conflict",
    "An idempotency key was used again for another workflow or input.",
    "Use a key of its own for each submission.",
  ),
  RUN_ACTIVE: entry(
    "conflict",
    "Another living process works on the run.",
    "`runs follow ID` shows it; `runs cancel ID` stops it.",
  ),
  RUN_ORPHANED: entry(
    "conflict",
    "The process that worked on the run is gone.",
    "`runs resume ID` goes on with it.",
  ),
  RUN_CLOSED: entry(
    "conflict",
    "The run has ended.",
    "`runs show ID` tells how; `runs retry ID` runs what had failed again.",
  ),
  RUN_EXISTS: entry(
    "conflict",
    "The run was submitted before.",
    "Nothing: the first submission counts.",
  ),
  SIGNALS_FULL: entry(
    "conflict",
    "The run keeps 1,000 signals that no task has taken.",
    "Send signals that a task of the run waits for.",
  ),
  RUN_NOT_PAUSED: entry(
    "conflict",
    "The run is not paused.",
    "`runs show ID` tells where it stands.",
  ),
  RUN_NOT_RETRYABLE: entry(
    "conflict",
    "Only a run that failed or was cancelled can be retried.",
    "Start a new run instead.",
  ),
  STALE_ATTEMPT: entry(
    "conflict",
    "A result came for an attempt that is no longer in flight.",
    "Nothing: it is refused and the current attempt counts.",
  ),
  PARTITION_TAKEN: entry(
    "conflict",
    "Another process took these runs over first.",
    "Nothing: that process goes on with them.",
  ),
  FENCED: entry(
    "conflict",
    "A write was refused because another node leads the partition now.",
    "Nothing was written. The other node goes on with these runs.",
  ),
  SYSTEM_TAKEN: entry(
    "conflict",
    "Another process leads the actor system, or claimed it first.",
    "Stop that process, or choose another `--data DIR`.",
  ),
  SYSTEM_NOT_LED: entry(
    "conflict",
    "No living process leads the actor system.",
    "Start it with `actors run FILE` first.",
  ),
  NO_PARTITION_FREE: entry(
    "conflict",
    "Too many processes work on one state directory, or have crashed there.",
    "`runs resume` continues what crashed; or choose another `--data DIR`.",
  ),
  STORE_UNAVAILABLE: entry(
    "unavailable",
    "The store does not answer.",
    "Check the disk with `doctor`, then try again.",
    TRANSIENT,
  ),
  STORE_ACCESS_REFUSED: entry(
    "unavailable",
    "The database server refuses the user, the database, the schema or the access token of the store.",
    "Check user, password and database in `--store`, or `DENO_KV_ACCESS_TOKEN`; the message says what is missing.",
  ),
  STORE_VERSION_WRONG: entry(
    "unavailable",
    "The database server is too old or speaks another protocol, or a newer Denizen has changed the tables of the store.",
    "Upgrade the server; or use the newer Denizen, or another schema with `?schema=NAME`.",
  ),
  FILE_EXISTS: entry(
    "conflict",
    "The file that is to be written is there already.",
    "Name another file, or replace it with `--force`.",
  ),
  FILE_NOT_WRITTEN: entry(
    "unavailable",
    "The system refuses to write a file: no room, or no rights.",
    "Make room, or name a file elsewhere. Nothing was left there.",
  ),
  BACKUP_UNREADABLE: entry(
    "invalid_input",
    "The file is no backup, or a newer Denizen made it.",
    "Name a file that `backup FILE` made, or use the newer Denizen.",
  ),
  BACKUP_UNSUPPORTED: entry(
    "invalid_input",
    "A backup cannot be made or restored over KV Connect, which shows no single instant of a store.",
    "Do it where the server's SQLite file is, with `--store kv:FILE`.",
  ),
  BACKUP_CORRUPT: entry(
    "invariant",
    "A backup is not what was written: it was altered, or cut off.",
    "Use another copy of it, or an earlier backup.",
  ),
  RESTORE_NOT_EMPTY: entry(
    "conflict",
    "A backup is to be restored into a place where something is.",
    "Name an empty place; a store is never overwritten.",
  ),
  RESTORE_DIFFERS: entry(
    "invariant",
    "What was copied is not what is read back.",
    "Nothing was left behind. Try again on another disk or server, and please report it.",
  ),
  SERVER_KEY_MISSING: entry(
    "invalid_input",
    "A server is to be asked, and there is no API key for it.",
    "Set `DENIZEN_API_KEY`; `keys create` on the server's machine makes one.",
  ),
  SERVER_UNKNOWN: entry(
    "invalid_input",
    "What answers at the URL of the server is no node.",
    "Give the URL of the dashboard, without a path.",
  ),
  SOURCES_OUTSIDE: entry(
    "invalid_input",
    "A workflow cannot be sent to a server: it needs a file outside its own folder.",
    "Move the file below the folder of the workflow file.",
  ),
  SERVER_NOT_FOUND: entry(
    "unavailable",
    "No node lives that serves the store.",
    "Start one with `serve`; without `--detach`, `run` also works by itself.",
  ),
  PARTITIONS_DIFFER: entry(
    "conflict",
    "The store has another number of partitions than `--partitions` says.",
    "Leave the option out: the first node of a store sets it, for good.",
  ),
  ELECTION_TIMEOUT_DIFFERS: entry(
    "conflict",
    "A living node of the cluster waits for another election time-out.",
    "Give all nodes the same `--election-timeout`. To change it, stop all of them first.",
  ),
  NODE_ID_TAKEN: entry(
    "conflict",
    "A living node of the cluster has the same name.",
    "Give each node a name of its own with `--node-id`.",
  ),
  NOT_LEADER: entry(
    "unavailable",
    "A node was asked for an actor system that another node leads, or that just moves.",
    "Nothing: nodes look again who leads it. Whoever waits in vain is told `UNAVAILABLE`.",
    TRANSIENT,
  ),
  NODE_UNREACHABLE: entry(
    "unavailable",
    "Another node of the cluster did not answer.",
    "Wait and try again. When it stays so, look with `cluster` whether that node lives, and whether a network lies between.",
    TRANSIENT,
  ),
  CLUSTER_TOKEN_WRONG: entry(
    "invalid_input",
    "The token of the cluster is malformed, readable by others, or not that of the other nodes.",
    "Give all nodes the same `DENIZEN_CLUSTER_TOKEN`, or let those of one machine share a data directory.",
  ),
  LISTEN_FAILED: entry(
    "invalid_input",
    "A node cannot listen on the address of `--host` and `--port`.",
    "Choose an address of this machine and a free port, or port 0.",
  ),
  INSECURE_LISTEN: entry(
    "invalid_input",
    "A node was to listen for other machines without TLS: others could read keys and data.",
    "Give `--tls-cert` and `--tls-key`; or `--insecure-http`, where only machines that you trust can reach it.",
  ),
  TLS_FILE_WRONG: entry(
    "invalid_input",
    "A certificate or key for TLS cannot be read, or is no PEM file.",
    "Give PEM files: the certificate with its chain, and its key without a passphrase.",
  ),
  UNREACHABLE: entry(
    "unavailable",
    "The dashboard cannot reach the node that it came from.",
    "See whether the node lives, and whether the network is up; the page tries again by itself.",
    TRANSIENT,
  ),
  LOG_FILE_UNUSABLE: entry(
    "invalid_input",
    "A node cannot write the log file that it was given.",
    "Give a path in a folder that exists and that this user may write.",
  ),
  LINK_REFUSED: entry(
    "invalid_input",
    "A node cannot take the request of another node: it is malformed, too large, or not known.",
    "Run the same version on all nodes of the cluster.",
  ),
  NODE_STOPPED: entry(
    "unavailable",
    "The node has stopped.",
    "Start another one; `runs resume` goes on with what it left.",
    TRANSIENT,
  ),
  INVALID_SUBSCRIPTION: entry(
    "invalid_input",
    "A subscription names no pattern of topics, no type of messages, or malformed tags.",
    "Write patterns like `files.*` or `files.**`; leave `tags` out when all messages are wanted.",
  ),
  SUBSCRIBER_ENCRYPTS: entry(
    "invalid_input",
    "An actor that takes only encrypted messages subscribes to a topic, where they are plain.",
    "Subscribe another actor, and let it tell the one that encrypts.",
  ),
  TOO_MANY_SUBSCRIPTIONS: entry(
    "terminal",
    "The actor system, or one receiver, has as many subscriptions as it may have.",
    "Subscribe once with a wider pattern, and unsubscribe what is not needed.",
  ),
  KEY_RING_INVALID: entry(
    "invalid_input",
    "The key ring of actors is no JSON object of names with lists of keys.",
    "Write 32 bytes in base64 for each key, the newest first; `openssl rand -base64 32` makes one.",
  ),
  KEY_RING_EXPOSED: entry(
    "invalid_input",
    "Others than the owner may open the file with the keys of actors.",
    "Make it private with `chmod 600`, and use new keys if others could read it.",
  ),
  SEALING_KEY_INVALID: entry(
    "invalid_input",
    "A key that payloads are to be sealed with is not 32 bytes in base64.",
    "Make one with `openssl rand -base64 32`.",
  ),
  SEALING_KEY_MISSING: entry(
    "terminal",
    "A payload is, or is to be, sealed with a key that the key ring does not have.",
    "Add the key to the ring, or keep the older one in it until all messages are handled.",
  ),
  SEAL_MISSING: entry(
    "terminal",
    "An actor that takes sealed payloads only was sent a plain one.",
    "Give the sender `encrypt` with the same key.",
  ),
  SEAL_BROKEN: entry(
    "terminal",
    "A sealed payload was altered, or comes with another sender, receiver, type or id.",
    "Send it anew. If it happens again, look in the audit log for who sent it.",
  ),
  ACCESS_DENIED: entry(
    "terminal",
    "An actor does not accept this message, or not from this sender.",
    "Add the sender or the message to `accept` of the receiver in the actor system file.",
  ),
  MAX_ATTEMPTS: entry(
    "terminal",
    "A durable message failed as often as its receiver's `deliver.maxAttempts` allows.",
    "Look at the failures with `dead-letters show`, mend the receiver, then `dead-letters replay`.",
  ),
  NO_ACTOR: entry(
    "terminal",
    "A message is for an address that no actor has, or no actor system belongs to the run.",
    "Add the actor to the system file, or `system: FILE` to the workflow. A durable message is a dead letter then: `dead-letters replay` or `drop`.",
  ),
  BLOB_MISSING: entry(
    "terminal",
    "A stored value is not there any more.",
    "The state directory was altered: restore it from a backup.",
  ),
  BLOB_CORRUPT: entry(
    "invariant",
    "A stored value does not match its SHA-256.",
    "The disk or the state directory is damaged: restore it from a backup.",
  ),
  DOCUMENT_KEY_WRONG: entry(
    "invalid_input",
    "The name of a document is empty, or holds what a store cannot keep.",
    "Use at least one character, no character of code 0 and whole surrogate pairs.",
  ),
  STORED_VALUE_TOO_LARGE: entry(
    "invalid_input",
    "A value or a name is larger than the store takes.",
    "Split it, or keep large data in files and send their names.",
  ),
  VALUE_CORRUPT: entry(
    "invariant",
    "A stored value does not match its checksum, or is missing.",
    "The disk or the state directory is damaged: restore it from a backup.",
  ),
  AUDIT_BROKEN: entry(
    "invariant",
    "An entry of the audit log was altered, dropped or moved.",
    "Find out who could write to the state directory, and compare with a backup.",
  ),
  AUDIT_OVERFLOW: entry(
    "terminal",
    "Entries were left out of the audit log: too many different ones at once.",
    "Nothing: the entry says how many. Those before and after it show what was going on.",
  ),
  JOURNAL_INCOMPLETE: entry(
    "invariant",
    "The journal of a run lacks its beginning.",
    "The state directory was altered: restore it from a backup.",
  ),
  SNAPSHOT_MISPLACED: entry(
    "invariant",
    "A snapshot of a run does not fit the run's events.",
    "Nothing is lost: the run was folded from its events instead. Please report it.",
  ),
  INTERNAL: entry(
    "invariant",
    "Denizen itself broke a promise: a bug.",
    "Please report it with the command and the message. `runs resume` continues what was running.",
    { severity: "fatal" },
  ),
} satisfies Record<string, CatalogueEntry>;

/** What a supervision tree refuses, and why it gives up. */
const SUPERVISION_ERRORS = {
  INVALID_SUPERVISOR: entry(
    "invalid_input",
    "A supervisor or one of its children is described wrongly.",
    "The message names the key and what may stand there.",
  ),
  DUPLICATE_CHILD: entry(
    "invalid_input",
    "Two children of one supervision tree have the same id or the same address.",
    "Give each child an id and a key of its own.",
  ),
  RESTART_INTENSITY: entry(
    "terminal",
    "A supervisor restarted its children more often than its intensity allows, and gave up.",
    "Read why the child named in the details crashed. Raise `intensity` or `delay` only when such crashes are expected.",
  ),
  CHILD_NOT_FOUND: entry(
    "invalid_input",
    "The supervision tree has no such child or supervisor.",
    "`actors tree` lists the ids.",
  ),
  CHILD_EXISTS: entry(
    "conflict",
    "The supervision tree has a child of this id or address already.",
    "Restart that child, or delete it first.",
  ),
  CHILD_RUNNING: entry(
    "conflict",
    "The child is running, and the request needs it stopped.",
    "Terminate the child first.",
  ),
  CHILD_RESTARTING: entry(
    "conflict",
    "The child is about to be restarted by its supervisor.",
    "Wait for the restart, or terminate the child first.",
  ),
  SUPERVISOR_BUSY: entry(
    "unavailable",
    "The supervisor is starting or stopping a child and does one thing at a time.",
    "Try again when that child has started or stopped.",
    TRANSIENT,
  ),
  SUPERVISION_RUNNING: entry(
    "conflict",
    "The supervision tree was started before.",
    "Stop it first.",
  ),
  SUPERVISION_STOPPED: entry(
    "conflict",
    "The supervisor does not run.",
    "Start the tree, or the supervisor, first.",
  ),
  STALE_REPORT: entry(
    "conflict",
    "A report was about an instance of an actor that is not alive any more.",
    "Nothing: the supervisor goes by the newer instance.",
  ),
} satisfies Record<string, CatalogueEntry>;

const ACTOR_ERRORS = {
  ACTOR_CRASHED: entry(
    "conflict",
    "The actor broke while it handled the message.",
    "Look at the message of the error; the supervisor starts the actor again.",
  ),
  ACTOR_STOPPED: entry(
    "conflict",
    "The actor was stopped while it handled the message.",
    "Send the message again.",
  ),
  ASK_CYCLE: entry(
    "invalid_input",
    "An actor asked another one that waits, perhaps through others, for its own answer.",
    "Tell one of the two instead of asking, and answer with another message.",
  ),
  FRAME_REFUSED: entry(
    "terminal",
    "A worker answered or spoke for work or actors that it does not have: it makes frames of its own.",
    "Look at the code of that actor; nothing of what it forged had an effect.",
    { severity: "warning" },
  ),
  CONTEXT_OVER: entry(
    "invalid_input",
    "A `ctx` was used after its message or attempt had ended.",
    "Await what is sent before the handler returns, or use `ctx.after`.",
  ),
  EXPIRED: entry(
    "conflict",
    "A message waited longer than its time to live.",
    "Give it more time, or the actor less to do.",
  ),
  INVALID_MESSAGE: entry(
    "invalid_input",
    "A message has a malformed address, type or option.",
    "See the options of messages in `docs/actors.md`.",
  ),
  INVALID_STATE: entry(
    "invalid_input",
    "The state of an actor does not fit its schema.",
    "Mend the schema or `initial`, or give old states defaults.",
  ),
  OVERLOADED: entry(
    "unavailable",
    "A mailbox or another queue is full.",
    "Send again after `retryAfterMs`, or send less.",
  ),
  RECALLED: entry(
    "conflict",
    "A durable message was not begun because an earlier one of its sender failed.",
    "Nothing: it is delivered again after that one.",
  ),
  STATE_UNAVAILABLE: entry(
    "unavailable",
    "The state of an actor could not be read.",
    "Look at the message; the actor is started again after a while.",
  ),
  SYSTEM_STOPPED: entry(
    "unavailable",
    "The actor system has stopped.",
    "Start it again.",
  ),
  UNKNOWN_MESSAGE: entry(
    "invalid_input",
    "The actor has no handler for messages of this type.",
    "Use one of the types that the message names.",
  ),
} satisfies Record<string, CatalogueEntry>;

/** What the control plane says of workflows, runs and saved views. */
const CONTROL_ERRORS = {
  WORKFLOW_NOT_FOUND: entry(
    "invalid_input",
    "No workflow is registered under this name.",
    "Register it first, or send its definition along with the run.",
  ),
  AGENT_AMBIGUOUS: entry(
    "invalid_input",
    "Several workflows have an agent of the name.",
    "Name it with its workflow: `WORKFLOW/NAME`, or `?workflow=` over HTTP.",
  ),
  KNOWLEDGE_NODE_NOT_FOUND: entry(
    "invalid_input",
    "The graph of solved tasks has no such node, or none that may be seen.",
    "Find it with `knowledge search`; ids are as it prints them.",
  ),
  WORKFLOW_VERSION_NOT_FOUND: entry(
    "invalid_input",
    "No version of the workflow fits what was named.",
    "Name a version that is registered, a range such as `^1`, or the hash of one.",
  ),
  WORKFLOW_VERSION_EXISTS: entry(
    "conflict",
    "The version is registered with other content.",
    "Raise `version:` in the file. What a version means does not change.",
  ),
  WORKFLOW_CHANGED: entry(
    "conflict",
    "Somebody else has changed the workflow since it was read.",
    "Read it again and send the `ETag` of that answer.",
  ),
  WORKFLOW_NAME_DIFFERS: entry(
    "invalid_input",
    "The file states another name than the one that it was sent to.",
    "Send it to the name that it states, or mend `name:`.",
  ),
  WORKFLOW_FILES_WRONG: entry(
    "invalid_input",
    "A file of a workflow that was sent, or a path in it, lies outside its folder, or there are too many.",
    "Name each file by its path relative to the workflow file, without `..`.",
  ),
  FILE_NOT_FOUND: entry(
    "invalid_input",
    "The run's output names no such file in a folder that its agents may write to, or the workflow came without it.",
    "Name the path letter for letter as the run's output has it.",
  ),
  RUN_FILE_TOO_LARGE: entry(
    "invalid_input",
    "The file of a run is larger than what is handed out.",
    "Take it from the disk of the node.",
  ),
  RUN_REQUEST_WRONG: entry(
    "invalid_input",
    "A request to begin a run contradicts itself, or names what is not the caller's.",
    "The message says what to change.",
  ),
  BULK_TOO_LARGE: entry(
    "invalid_input",
    "Too many runs were named at once.",
    "Name fewer in each request.",
  ),
  TASK_NOT_FOUND: entry(
    "invalid_input",
    "The run has no task, or no item of a task, of this name.",
    "`runs show` lists the tasks; items are named as in `measure[3]`.",
  ),
  TASK_CLOSED: entry(
    "conflict",
    "The task has ended already.",
    "Nothing is left to cancel. Once the run has closed, a retry does the task again.",
  ),
  VIEW_NOT_FOUND: entry(
    "invalid_input",
    "You have saved no view under this name.",
    "List your views.",
  ),
  VIEW_WRONG: entry(
    "invalid_input",
    "A view cannot be saved: its name or filters are too long, or there are too many.",
    "The message says what is too much.",
  ),
} satisfies Record<string, CatalogueEntry>;

/** Why the control plane refuses who asks. */
const ACCESS_ERRORS = {
  AUTHENTICATION_REQUIRED: entry(
    "access",
    "A request has no key, token or session.",
    "Send `Authorization: Bearer KEY`, or sign in with the dashboard.",
  ),
  CREDENTIALS_INVALID: entry(
    "access",
    "A key, token or session is malformed, unknown, altered, replaced or revoked.",
    "Check that it is whole; make another one where it was revoked. The audit log has the reason.",
  ),
  CREDENTIALS_EXPIRED: entry(
    "access",
    "The time of a key, token or session is over.",
    "Refresh the token, sign in again, or make another key.",
  ),
  SIGN_IN_LINK_INVALID: entry(
    "access",
    "A one-time link was used before, is older than ten minutes, or never was one.",
    "Make another one with `denizen open`, or sign in with a key.",
  ),
  REFRESH_TOKEN_REUSED: entry(
    "access",
    "A refresh token came a second time, so one of the two senders has stolen it; its family was revoked.",
    "Ask for new tokens with the key. Rotate the key if it may have been read, too.",
  ),
  KEY_REQUIRED: entry(
    "access",
    "Tokens were asked for with a token or a session.",
    "Send the key itself.",
  ),
  RIGHTS_EXCEEDED: entry(
    "access",
    "Somebody wanted to hand out a key that may more than they.",
    "Narrow the key, or use one with more rights.",
  ),
  CSRF_REFUSED: entry(
    "access",
    "A session's cookie came without a proof that our own page sent the request.",
    "Send the `csrfToken` of `GET /api/v1/auth/me` as `X-CSRF-Token`; programs send a key instead.",
  ),
  HOST_NOT_ALLOWED: entry(
    "access",
    "A request was sent to a host name that the node does not answer to (DNS rebinding).",
    "Use an address that `serve` has printed, or start it with `--allowed-host NAME`.",
  ),
  ORIGIN_NOT_ALLOWED: entry(
    "access",
    "A page of another origin wanted to change something, or to open a WebSocket.",
    "Start `serve` with `--allowed-origin ORIGIN` if that page is yours.",
  ),
  TOO_MANY_SIGN_INS: entry(
    "unavailable",
    "Too many wrong keys, tokens, links or sessions came from one address.",
    "Wait for the time that `Retry-After` says. The audit log shows what was tried.",
    TRANSIENT,
  ),
  TOO_MANY_REQUESTS: entry(
    "unavailable",
    "A key, or an address, has used up its budget of requests.",
    "Wait for the time that `Retry-After` says, and send fewer.",
    TRANSIENT,
  ),
  KEY_INVALID: entry(
    "invalid_input",
    "A key cannot be made, or rotated, with these values.",
    "The message names the value, the hint says what is allowed.",
  ),
  KEY_NOT_FOUND: entry(
    "invalid_input",
    "No key has this id.",
    "`keys list` shows the ids.",
  ),
  KEY_REVOKED: entry(
    "conflict",
    "The key was revoked, for good.",
    "Make another one with `keys create`.",
  ),
  ROLE_INSUFFICIENT: entry(
    "access",
    "The role of the key, session or token does not have this right.",
    "Use a key with the role that the message names; an admin makes one with `keys create`.",
  ),
  SCOPE_MISSING: entry(
    "access",
    "The scopes of the key leave this action out.",
    "Use a key that has the scope.",
  ),
  PART_ONLY: entry(
    "access",
    "The key is for a tenant, workflow or tag only, and this concerns all of them.",
    "Use a key without such limits.",
  ),
  OTHER_TENANT: entry(
    "access",
    "The thing belongs to another tenant. Over HTTP it is answered as not found.",
    "Use a key of that tenant.",
  ),
  WORKFLOW_NOT_ALLOWED: entry(
    "access",
    "The key is for other workflows.",
    "Use a key whose patterns of workflows fit.",
  ),
  TAG_NOT_ALLOWED: entry(
    "access",
    "The thing carries none of the tags that the key is for.",
    "Use a key whose tags fit, or give the run one of them.",
  ),
} satisfies Record<string, CatalogueEntry>;

/** What the registry of agents and an auction may answer. */
const AGENT_ERRORS = {
  AGENT_MANIFEST_INVALID: entry(
    "invalid_input",
    "What the agent's module says of itself is wrong, or more than a manifest may hold.",
    "The message names the place. See `docs/agents.md` for the keys of a manifest and their bounds.",
  ),
  AGENT_FILES_WRONG: entry(
    "invalid_input",
    "The files of an agent are too many, too large, or have paths that leave their folder.",
    "Name each by its path relative to the module, such as `words/count.ts`.",
  ),
  AGENT_PERMISSIONS_UNGRANTED: entry(
    "invalid_input",
    "The agent asks for access that nobody granted.",
    "Grant what the message lists with `--grant read=PATH`, or all of it with `--yes`.",
  ),
  AGENT_UNKNOWN: entry(
    "invalid_input",
    "No registered agent has that name, or none of its versions fits.",
    "`agents list` shows those that there are.",
  ),
  AGENT_LIMIT: entry(
    "invalid_input",
    "There are as many registered agents, or capabilities of theirs, as there may be.",
    "Remove versions that nobody uses any more with `agents remove NAME@VERSION`.",
  ),
  AGENT_VERSION_EXISTS: entry(
    "conflict",
    "The version of the agent is registered already, with other content.",
    "Raise `version` in the module: what a version means does not change.",
  ),
  AGENT_CHANGED: entry(
    "conflict",
    "Somebody else changed the registered agent meanwhile.",
    "Look at it again, then decide.",
    TRANSIENT,
  ),
  OUTPUT_DIFFERS: entry(
    "attempt",
    "At the handshake the agent answered one of its own examples with something else.",
    "Mend the agent, or the `output` of the example, and register it again.",
    { severity: "warning" },
  ),
  BID_INVALID: entry(
    "attempt",
    "What the agent's `bid` returned is no bid, or it threw.",
    "Return `null` or `{ costUsd, success, latencyMs }`: finite numbers of 0 or more, `success` up to 1.",
    { severity: "warning" },
  ),
  BID_TIMEOUT: entry(
    "attempt",
    "The agent did not bid in time, or no worker of it came up.",
    "Make `bid` quick, or raise `bidTimeout` of the auction.",
    { severity: "warning" },
  ),
  MANIFEST_CHANGED: entry(
    "attempt",
    "The agent's module says something else of itself than when it was checked.",
    "Write a manifest that depends on nothing: no time, no randomness, no files. Then run `agents check`.",
  ),
} satisfies Record<string, CatalogueEntry>;

/** What a node answers to requests that HTTP itself has an answer for. */
const HTTP_ERRORS = {
  REQUEST_INVALID: entry(
    "invalid_input",
    "A parameter, header or body of the request does not fit what the route takes.",
    "Look at `issues`: each names a place. `/docs` has what the route takes.",
  ),
  CURSOR_INVALID: entry(
    "invalid_input",
    "A cursor was altered, or belongs to another list or other filters.",
    "Send `nextCursor` of the page before as it is, with the same filters; or begin anew.",
  ),
  BODY_NOT_JSON: entry(
    "invalid_input",
    "The body of a request is no JSON text.",
    "Send one JSON value.",
  ),
  BODY_NOT_TEXT: entry(
    "invalid_input",
    "The body of a request is not UTF-8.",
    "Send JSON in UTF-8.",
  ),
  BODY_TOO_DEEP: entry(
    "invalid_input",
    "The JSON of a request is nested too deep.",
    "Send flatter values.",
  ),
  BODY_TOO_LARGE: entry(
    "invalid_input",
    "The body of a request is larger than the route takes.",
    "Send less, or in several requests.",
  ),
  BODY_TOO_SLOW: entry(
    "unavailable",
    "The body of a request did not come within its time.",
    "Send the whole body at once.",
    TRANSIENT,
  ),
  BODY_CUT_OFF: entry(
    "unavailable",
    "A connection ended before the body of its request was whole.",
    "Send the request again.",
    TRANSIENT,
  ),
  MEDIA_TYPE_WRONG: entry(
    "invalid_input",
    "The body of a request is not of a media type that the route takes.",
    "Send it with `Content-Type: application/json`.",
  ),
  NOT_ACCEPTABLE: entry(
    "invalid_input",
    "The route has no answer of a media type that `Accept` names.",
    "Accept one of the types that the answer names.",
  ),
  METHOD_NOT_ALLOWED: entry(
    "invalid_input",
    "The path is there, but not with this method.",
    "Use one of the methods that `Allow` names.",
  ),
  PATH_NOT_FOUND: entry(
    "invalid_input",
    "The node has nothing at this path.",
    "See what there is at `/docs`.",
  ),
  UPGRADE_NEEDED: entry(
    "invalid_input",
    "A plain request came where only a WebSocket is talked to.",
    "Connect with a WebSocket client; `/api/v1/events` has the same over HTTP.",
  ),
  PRECONDITION_FAILED: entry(
    "conflict",
    "What was to be changed is not what `If-Match` or `If-None-Match` says.",
    "Read it again, and send its `ETag` as `If-Match`.",
  ),
  PRECONDITION_REQUIRED: entry(
    "invalid_input",
    "A change came without `If-Match`, so it might undo what somebody else did.",
    "Send the `ETag` that was read as `If-Match`; or `If-None-Match: *` to make it anew.",
  ),
  TOO_MANY_REQUESTS_AT_ONCE: entry(
    "unavailable",
    "The node answers as many requests as it can at the same time.",
    "Try again after the time that `Retry-After` says, or ask another node.",
    TRANSIENT,
  ),
  NODE_NOT_READY: entry(
    "unavailable",
    "The node takes no changes now: it starts or stops, or cannot reach its store.",
    "Try again after the time that `Retry-After` says, or ask another node.",
    TRANSIENT,
  ),
  ANSWER_TOO_SLOW: entry(
    "unavailable",
    "An answer took longer than it may.",
    "Look whether it was done, then try again.",
    TRANSIENT,
  ),
  ANSWER_INVALID: entry(
    "invariant",
    "An answer of the node does not fit what the reference says of it.",
    "Report it with the answer's `details`.",
  ),
} satisfies Record<string, CatalogueEntry>;

/** Every code, in the order of `docs/errors.md`. */
export const ERRORS: Readonly<Record<string, CatalogueEntry>> = {
  ...ATTEMPT_ERRORS,
  ...FILE_ERRORS,
  ...COMMAND_ERRORS,
  ...SYSTEM_ERRORS,
  ...SUPERVISION_ERRORS,
  ...ACTOR_ERRORS,
  ...CONTROL_ERRORS,
  ...ACCESS_ERRORS,
  ...AGENT_ERRORS,
  ...HTTP_ERRORS,
};
