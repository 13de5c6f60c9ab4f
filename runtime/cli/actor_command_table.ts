import type { Command } from "./command.ts";

const SYSTEM = {
  system: { type: "string", value: "NAME", summary: "The actor system, where there are several" },
} as const;
const CHILD = [{ name: "CHILD" }] as const;
const LETTERS = [{ name: "ID", isOptional: true, isRest: true }] as const;
const ALL_LETTERS = {
  all: { type: "boolean", summary: "Every dead letter, or with --system those of one system" },
  system: { type: "string", value: "NAME", summary: "With --all: only letters of this system" },
} as const;

/** `actors …` */
export const ACTORS: Command = {
  name: "actors",
  summary: "Run actor systems and look after them: run, tree, list, tell, restart, terminate",
  arguments: [],
  options: {},
  examples: [
    ["actors run examples/word_index/system.yaml", "Until it ends, or Ctrl-C"],
    ["actors tree --watch", "The supervision tree, live"],
  ],
  subcommands: [
    {
      name: "run",
      summary: "Run the actor system of a file until it ends or is stopped",
      arguments: [{ name: "FILE" }],
      options: {
        for: { type: "string", value: "DURATION", summary: "Stop it in order after this time" },
        quiet: { type: "boolean", short: "q", summary: "Show nothing of what happens" },
        verbose: {
          type: "boolean",
          short: "v",
          summary: "Also show what actors log at level info, and every step of the tree",
        },
      },
      examples: [
        ["actors run examples/word_index/system.yaml --verbose", "A small system, and its log"],
        ["actors run system.yaml --for 1h --json", "The tree and how it ended, for programs"],
      ],
      action: ["./run_actors_command.ts", "run"],
    },
    {
      name: "tree",
      summary: "Show the supervision tree of a system, with restarts and reasons",
      arguments: [{ name: "SYSTEM", isOptional: true }],
      options: {
        watch: {
          type: "boolean",
          short: "w",
          summary: "Show every change until Ctrl-C; with --json a line for each",
        },
      },
      examples: [["actors tree word-index --watch", "From another terminal"]],
      action: ["./actor_tree_command.ts", "tree"],
    },
    {
      name: "list",
      summary: "List the actor systems of the state directory, and who leads them",
      arguments: [],
      options: {},
      examples: [["actors list", "With the process that leads each"]],
      action: ["./actors_commands.ts", "list"],
    },
    {
      name: "tell",
      summary: "Leave a durable message for an actor; whoever leads its system delivers it",
      arguments: [{ name: "ADDRESS" }, { name: "TYPE" }, { name: "JSON", isOptional: true }],
      options: {
        ...SYSTEM,
        id: { type: "string", value: "ID", summary: "The same id is delivered once" },
      },
      examples: [
        [`actors tell actor://counter/main add '{ "by": 2 }'`, "With a payload"],
        ["actors tell actor://walker walk --id nightly-1", "Once, however often it is called"],
      ],
      action: ["./actors_commands.ts", "tell"],
    },
    {
      name: "restart",
      summary: "Start a child of a supervision tree that is down",
      arguments: CHILD,
      options: SYSTEM,
      examples: [["actors restart reader/1", "By its id in the tree"]],
      action: ["./actors_commands.ts", "restart"],
    },
    {
      name: "terminate",
      summary: "Terminate a child of a supervision tree until it is restarted",
      arguments: CHILD,
      options: SYSTEM,
      examples: [["actors terminate readers --system word-index", "A supervisor with all below"]],
      action: ["./actors_commands.ts", "terminate"],
    },
  ],
};

/** `dead-letters …` */
export const DEAD_LETTERS: Command = {
  name: "dead-letters",
  summary: "Durable messages that were given up: list, show, replay, drop",
  arguments: [],
  options: {},
  examples: [
    ["dead-letters list", "What was given up lately, and why"],
    ["dead-letters replay --all --system word-index", "Once the cause is mended"],
  ],
  subcommands: [
    {
      name: "list",
      summary: "List dead letters, newest first",
      arguments: [],
      options: {
        system: { type: "string", value: "NAME", summary: "Only letters of this system" },
        limit: { type: "string", value: "N", summary: "At most so many, 1 to 1000 (default 20)" },
        cursor: { type: "string", value: "ID", summary: "Go on behind this letter" },
      },
      examples: [["dead-letters list --limit 100", "With reason, sender and receiver"]],
      action: ["./dead_letters_commands.ts", "list"],
    },
    {
      name: "show",
      summary: "Show a dead letter with its payload and its failed attempts",
      arguments: [{ name: "ID" }],
      options: {},
      examples: [["dead-letters show 01KAJ…", "One letter in full"]],
      action: ["./dead_letters_commands.ts", "show"],
    },
    {
      name: "replay",
      summary: "Have dead letters delivered again",
      arguments: LETTERS,
      options: ALL_LETTERS,
      examples: [["dead-letters replay 01KAJ…", "One"], ["dead-letters replay --all", "All"]],
      action: ["./dead_letters_commands.ts", "replay"],
    },
    {
      name: "drop",
      summary: "Forget dead letters for good",
      arguments: LETTERS,
      options: ALL_LETTERS,
      examples: [["dead-letters drop 01KAJ…", "One"]],
      action: ["./dead_letters_commands.ts", "drop"],
    },
  ],
};
