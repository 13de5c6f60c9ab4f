import type { Command } from "./command.ts";

const FILE = [{ name: "FILE" }] as const;

/** `backup` */
export const BACKUP: Command = {
  name: "backup",
  summary: "Copy everything in the store to a file, while nodes work; or check such a file",
  arguments: FILE,
  options: {
    force: { type: "boolean", summary: "Replace the file when it is there" },
    verify: { type: "boolean", summary: "Check the file from end to end, and write nothing" },
  },
  examples: [
    ["backup denizen-2026-11-21.backup", "Of the state directory; works beside running nodes"],
    ["backup nightly.backup --force --store postgres://db/denizen", "Of a schema in PostgreSQL"],
    ["backup nightly.backup --verify", "Exit status 1 when a single byte is wrong"],
  ],
  action: ["./backup_commands.ts", "backup"],
};

/** `restore` */
export const RESTORE: Command = {
  name: "restore",
  summary: "Put a backup into an empty store, of whatever engine, and read it back from there",
  arguments: FILE,
  options: {},
  examples: [
    ["restore nightly.backup --data .denizen-new", "Into a new state directory"],
    ["restore nightly.backup --store postgres://db/denizen", "From one file to many machines"],
  ],
  action: ["./backup_commands.ts", "restore"],
};

/** `store …` */
export const STORE: Command = {
  name: "store",
  summary: "Look after the store: sizes, collect",
  arguments: [],
  options: {},
  examples: [
    ["store sizes", "What takes room"],
    ["store collect", "Delete stored code and values that no run needs any more"],
  ],
  subcommands: [
    {
      name: "sizes",
      summary: "Show what takes room in the store, by kind and by workflow",
      arguments: [],
      options: {},
      examples: [["store sizes --json", "For programs"]],
      action: ["./store_commands.ts", "sizes"],
    },
    {
      name: "collect",
      summary: "Delete blobs that nothing names; nodes may go on working, and do so by themselves",
      arguments: [],
      options: {},
      examples: [["store collect", "After runs were deleted"]],
      action: ["./store_commands.ts", "collect"],
    },
  ],
};
