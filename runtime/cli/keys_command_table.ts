import type { Command } from "./command.ts";

const KEY_ID = [{ name: "ID" }] as const;

/** `keys …` */
export const KEYS: Command = {
  name: "keys",
  summary: "Work with API keys: create, list, rotate, revoke",
  arguments: [],
  options: {},
  examples: [
    ["keys create --name ci --role operator", "A key for a program; its text is shown once"],
    ["keys list", "Who may do what, and when they last did"],
  ],
  subcommands: [
    {
      name: "create",
      summary: "Make a key and print it, once",
      arguments: [],
      options: {
        name: { type: "string", value: "TEXT", summary: "What it is for" },
        role: { type: "string", value: "ROLE", summary: "viewer, operator or admin" },
        scope: {
          type: "string",
          multiple: true,
          value: "ACTION",
          summary: "Only these actions: runs:read, runs:*, *:read",
        },
        tenant: { type: "string", value: "NAME", summary: "Only what is of this tenant" },
        workflow: {
          type: "string",
          multiple: true,
          value: "PATTERN",
          summary: "Only these workflows, with * for any text",
        },
        tag: {
          type: "string",
          multiple: true,
          value: "PATTERN",
          summary: "Only runs with one of these tags",
        },
        expires: { type: "string", value: "TIME", summary: "It ends after this time, such as 90d" },
      },
      examples: [
        ["keys create --name ci --role operator --workflow 'repo-*' --expires 90d", "For one job"],
        ["keys create --name board --role viewer --scope runs:read --json", "For programs"],
      ],
      action: ["./keys_commands.ts", "create"],
    },
    {
      name: "list",
      summary: "List keys, newest first, without their secrets",
      arguments: [],
      options: {
        limit: { type: "string", value: "N", summary: "At most so many, 1 to 200 (default 50)" },
      },
      examples: [["keys list --json", "For programs"]],
      action: ["./keys_commands.ts", "list"],
    },
    {
      name: "rotate",
      summary: "Give a key another secret and print it, once",
      arguments: KEY_ID,
      options: {
        grace: {
          type: "string",
          value: "TIME",
          summary: "How long the old secret counts yet (default: not at all)",
        },
      },
      examples: [["keys rotate 01kap0… --grace 1h", "Time to put the new one in place"]],
      action: ["./keys_commands.ts", "rotate"],
    },
    {
      name: "revoke",
      summary: "End a key, its sessions and its tokens, for good",
      arguments: KEY_ID,
      options: {},
      examples: [["keys revoke 01kap0…", "Nodes hear of it within two seconds"]],
      action: ["./keys_commands.ts", "revoke"],
    },
  ],
};
