import { AGENTS } from "./agents_command_table.ts";
import { ACTORS, DEAD_LETTERS } from "./actor_command_table.ts";
import type { Command } from "./command.ts";
import { KEYS } from "./keys_command_table.ts";
import { KNOWLEDGE } from "./knowledge_command_table.ts";
import { RUN_STATUSES } from "./run_statuses.ts";
import { SERVER } from "./server_option.ts";
import { BACKUP, RESTORE, STORE } from "./store_command_table.ts";
import { WORKFLOWS } from "./workflows_command_table.ts";

const RUN_ID = [{ name: "ID", completes: "run" }] as const;
const REASON = {
  reason: { type: "string", value: "TEXT", summary: "Kept with the run" },
} as const;
const VERBOSE = {
  verbose: { type: "boolean", short: "v", summary: "Also show what agents log at level info" },
} as const;

const RUN: Command = {
  name: "run",
  summary: "Run a workflow file and follow it to its end",
  arguments: [{ name: "FILE" }],
  options: {
    input: {
      type: "string",
      short: "i",
      multiple: true,
      value: "KEY=VALUE",
      summary: "One input; JSON where the workflow's schema wants no text",
    },
    "input-file": {
      type: "string",
      value: "FILE|-",
      summary: "All inputs as a JSON object from a file or standard input",
    },
    id: { type: "string", value: "KEY", summary: "The same key answers the same run, once" },
    detach: { type: "boolean", summary: "Leave the run to a server and return" },
    quiet: { type: "boolean", short: "q", summary: "Show no progress" },
    ...VERBOSE,
    ...SERVER,
  },
  examples: [
    ["run examples/repo_audit/workflow.yaml --input path=.", "Audit this folder"],
    ["run flow.yaml --input-file input.json --json", "Machine-readable result"],
    ["run flow.yaml --id nightly-2026-11-21", "Submit once, however often it is called"],
    ["run flow.yaml --server https://denizen.example.org", "With the key in DENIZEN_API_KEY"],
  ],
  action: ["./run_command.ts", "run"],
};

const VALIDATE: Command = {
  name: "validate",
  summary: "Check workflow files and actor system files without running them",
  arguments: [{ name: "FILE", isRest: true }],
  options: {},
  examples: [
    ["validate flow.yaml", "Every mistake with its place and what to write instead"],
    ["validate flows/*.yaml --json", "The same for programs"],
  ],
  action: ["./validate_command.ts", "validate"],
};

const RUNS: Command = {
  name: "runs",
  summary: "Work with runs: list, show, follow, cancel, signal, pause, resume, retry, fork, export",
  arguments: [],
  options: {},
  examples: [
    ["runs list --status failed", "What went wrong lately"],
    ["runs resume", "Continue all that a crash left"],
  ],
  subcommands: [
    {
      name: "list",
      summary: "List runs, newest first",
      arguments: [],
      options: {
        limit: { type: "string", value: "N", summary: "At most so many, 1 to 1000 (default 20)" },
        cursor: { type: "string", value: "CURSOR", summary: "Go on where a list ended" },
        status: {
          type: "string",
          value: "WORD",
          completes: RUN_STATUSES,
          summary: "Only runs with this status",
        },
        ...SERVER,
      },
      examples: [["runs list --status failed --limit 5", "The five last failures"]],
      action: ["./list_runs_command.ts", "list"],
    },
    {
      name: "show",
      summary: "Show a run with its tasks, failures and what to do about them",
      arguments: RUN_ID,
      options: {
        verbose: {
          type: "boolean",
          short: "v",
          summary: "Also show each attempt: how it ended, and the agents that were compared for it",
        },
        ...SERVER,
      },
      examples: [
        ["runs show 01KAJ…", "One run in full"],
        ["runs show 01KAJ… --verbose", "Every attempt, and why these agents, in numbers"],
      ],
      action: ["./show_run_commands.ts", "show"],
    },
    {
      name: "follow",
      summary: "Print what happens to a run until it has closed",
      arguments: RUN_ID,
      options: { ...VERBOSE, ...SERVER },
      examples: [["runs follow 01KAJ…", "Watch a run of another process"]],
      action: ["./follow_run_command.ts", "follow"],
    },
    {
      name: "cancel",
      summary: "Ask a run to stop",
      arguments: RUN_ID,
      options: { ...REASON, ...SERVER },
      examples: [['runs cancel 01KAJ… --reason "wrong folder"', "Stop it, and say why"]],
      action: ["./run_request_commands.ts", "cancel"],
    },
    {
      name: "pause",
      summary: "Start nothing more of a run; what is in flight finishes",
      arguments: RUN_ID,
      options: SERVER,
      examples: [["runs pause 01KAJ…", "Hold it until runs resume"]],
      action: ["./run_request_commands.ts", "pause"],
    },
    {
      name: "signal",
      summary: "Give a run news from outside, for a task that waits for them",
      arguments: [...RUN_ID, { name: "NAME" }],
      options: {
        payload: { type: "string", value: "JSON", summary: "Output of the task that takes it" },
        id: { type: "string", value: "KEY", summary: "The same key is not another signal" },
        ...SERVER,
      },
      examples: [[`runs signal 01KAJ… approved --payload '{"by": "ada"}'`, "Let it go on"]],
      action: ["./run_request_commands.ts", "signal"],
    },
    {
      name: "resume",
      summary: "Go on with a paused or crashed run; without ID with all that a crash left",
      arguments: [{ name: "ID", isOptional: true, completes: "run" }],
      options: { quiet: RUN.options.quiet!, ...VERBOSE, ...SERVER },
      examples: [["runs resume", "After a crash or power cut"]],
      action: ["./resume_commands.ts", "resume"],
    },
    {
      name: "retry",
      summary: "Run the failed, cancelled and skipped tasks of a closed run again",
      arguments: RUN_ID,
      options: { quiet: RUN.options.quiet!, ...VERBOSE, ...SERVER },
      examples: [["runs retry 01KAJ…", "Completed tasks are not repeated"]],
      action: ["./resume_commands.ts", "retry"],
    },
    {
      name: "fork",
      summary: "Run the same definition and code again, with other input",
      arguments: RUN_ID,
      options: {
        input: {
          ...RUN.options.input!,
          summary: "One input; all others are those of the run",
        },
        "input-file": RUN.options["input-file"]!,
        quiet: RUN.options.quiet!,
        ...VERBOSE,
        ...SERVER,
      },
      examples: [["runs fork 01KAJ… --input path=docs", "The same for another folder"]],
      action: ["./fork_command.ts", "fork"],
    },
    {
      name: "export",
      summary: "Print a run with its whole history as JSON",
      arguments: RUN_ID,
      options: SERVER,
      examples: [["runs export 01KAJ… > run.json", "Keep or share it"]],
      action: ["./show_run_commands.ts", "exportRun"],
    },
  ],
};

const SERVE: Command = {
  name: "serve",
  summary: "Be a node: lead partitions, run what is submitted, serve the API and the dashboard",
  arguments: [{ name: "FILE", isOptional: true, isRest: true }],
  options: {
    "node-id": { type: "string", value: "NAME", summary: "Name of the node (default: drawn)" },
    host: { type: "string", value: "HOST", summary: "Address to listen on (default 127.0.0.1)" },
    port: { type: "string", value: "PORT", summary: "Default 7717, or any other when it is taken" },
    partitions: {
      type: "string",
      value: "N",
      summary: "Partitions of a new store, for good (default 8)",
    },
    "election-timeout": {
      type: "string",
      value: "TIME",
      summary: "Silence after which a node counts as gone (default 1s)",
    },
    "drain-timeout": {
      type: "string",
      value: "TIME",
      summary: "How long attempts may take to end when the node stops (default 30s)",
    },
    "tls-cert": { type: "string", value: "FILE", summary: "Certificate (PEM): serves HTTPS" },
    "tls-key": { type: "string", value: "FILE", summary: "Its key (PEM)" },
    "insecure-http": {
      type: "boolean",
      summary: "Listen for other machines without TLS; the network reads keys and data",
    },
    "allowed-host": {
      type: "string",
      multiple: true,
      value: "NAME",
      summary: "Another host name that browsers may reach it by",
    },
    "cors-origin": {
      type: "string",
      multiple: true,
      value: "ORIGIN",
      summary: "Pages of this origin may call the API with a key",
    },
    "no-dashboard": { type: "boolean", summary: "Serve the API alone" },
    "no-examples": { type: "boolean", summary: "Leave a new store without the example workflows" },
    "log-format": {
      type: "string",
      value: "FORMAT",
      completes: ["text", "json"],
      summary: "text or json (json with --json)",
    },
    "log-level": {
      type: "string",
      value: "LEVEL",
      completes: ["debug", "info", "warn", "error"],
      summary: "debug, info, warn or error",
    },
    "log-file": { type: "string", value: "FILE", summary: "Also write JSON lines there, rotated" },
  },
  examples: [
    ["serve", "A node on this folder, with a link to its dashboard; Ctrl-C drains it"],
    ["serve flows/*.yaml", "The same, with these workflows registered"],
    ["serve --host 0.0.0.0 --tls-cert tls.crt --tls-key tls.key", "For other machines"],
    ["serve --node-id n2 --store postgres://db/denizen", "One of several on one store"],
  ],
  isService: true,
  action: ["./serve_command.ts", "serve"],
};

const CLUSTER: Command = {
  name: "cluster",
  summary: "Show the nodes of a store: leaders, terms, lags",
  arguments: [],
  options: {
    watch: { type: "boolean", short: "w", summary: "Look again each second until Ctrl-C" },
    ...SERVER,
  },
  examples: [
    ["cluster", "Who leads what"],
    ["cluster --json", "For programs"],
  ],
  action: ["./cluster_command.ts", "cluster"],
};

const OVERVIEW: Command = {
  name: "overview",
  summary: "Show what a server does: runs, throughput, failures, slow tasks",
  arguments: [],
  options: SERVER,
  examples: [["overview", "Of the node that lives here"], ["overview --json", "For programs"]],
  action: ["./overview_command.ts", "overview"],
};

const OPEN: Command = {
  name: "open",
  summary: "Open the dashboard: prints a link that signs one browser in, once",
  arguments: [],
  options: { print: { type: "boolean", summary: "Only print the link" } },
  examples: [["open", "Of the node that lives on this state directory"]],
  action: ["./open_command.ts", "open"],
};

const AUDIT: Command = {
  name: "audit",
  summary: "Read the audit log of refusals: list, verify, export",
  arguments: [],
  options: {},
  examples: [
    ["audit list --limit 50", "Who was refused what lately"],
    ["audit verify", "Prove that no entry was altered or dropped"],
  ],
  subcommands: [
    {
      name: "list",
      summary: "List the last entries, oldest first",
      arguments: [],
      options: {
        limit: { type: "string", value: "N", summary: "At most so many, 1 to 1000 (default 20)" },
        from: { type: "string", value: "NUMBER", summary: "Begin at this entry instead" },
      },
      examples: [["audit list --json --limit 1000", "For programs"]],
      action: ["./audit_commands.ts", "list"],
    },
    {
      name: "verify",
      summary: "Check the chain of hashes from the first entry to the last",
      arguments: [],
      options: {},
      examples: [["audit verify", "Exit status 1 when an entry is broken"]],
      action: ["./audit_commands.ts", "verify"],
    },
    {
      name: "export",
      summary: "Print every entry as a line of JSON",
      arguments: [],
      options: {},
      examples: [["audit export > audit.jsonl", "Keep it elsewhere"]],
      action: ["./audit_commands.ts", "exportAudit"],
    },
  ],
};

const DEMO: Command = {
  name: "demo",
  summary: "Audit this repository with permission-restricted agents",
  arguments: [{ name: "DIR", isOptional: true }],
  options: { quiet: RUN.options.quiet!, ...VERBOSE },
  examples: [["demo", "Ends with the path of the report"], ["demo ../other", "Another folder"]],
  action: ["./demo_command.ts", "demo"],
};

const SCHEMA: Command = {
  name: "schema",
  summary: "Print the JSON Schema of the workflow file, for editors",
  arguments: [],
  options: { actors: { type: "boolean", summary: "Of the actor system file instead" } },
  examples: [
    ["schema > workflow.schema.json", "Point your editor's YAML plugin at it"],
    ["schema --actors > actor-system.schema.json", "The same for actor systems"],
  ],
  action: ["./schema_command.ts", "schema"],
};

const DOCTOR: Command = {
  name: "doctor",
  summary: "Tell what this system offers and what is missing",
  arguments: [],
  options: {},
  examples: [["doctor", "Green, yellow and red, with hints"]],
  action: ["./doctor_command.ts", "doctor"],
};

const COMPLETIONS: Command = {
  name: "completions",
  summary: "Print the completion script of a shell: bash, zsh or fish",
  arguments: [{ name: "SHELL", completes: ["bash", "zsh", "fish"] }],
  options: {},
  examples: [
    ['eval "$(deno task -q denizen completions bash)"', "For this session"],
    ["completions fish > ~/.config/fish/completions/denizen.fish", "For good"],
  ],
  action: ["./completions_command.ts", "completions"],
};

const HELP: Command = {
  name: "help",
  summary: "Show help, of a command or of all",
  arguments: [{ name: "COMMAND", isOptional: true, isRest: true }],
  options: {},
  examples: [["help runs list", "Help of one command"]],
  action: ["./help.ts", "help"],
};

const VERSION: Command = {
  name: "version",
  summary: "Print the version",
  arguments: [],
  options: {},
  examples: [["version --json", "With Deno's, V8's and TypeScript's"]],
  action: ["./version_command.ts", "version"],
};

/** Every command, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  RUN,
  VALIDATE,
  RUNS,
  SERVE,
  OPEN,
  OVERVIEW,
  WORKFLOWS,
  AGENTS,
  KNOWLEDGE,
  CLUSTER,
  ACTORS,
  DEAD_LETTERS,
  AUDIT,
  KEYS,
  BACKUP,
  RESTORE,
  STORE,
  DEMO,
  DOCTOR,
  SCHEMA,
  COMPLETIONS,
  HELP,
  VERSION,
];
