import type { Command } from "./command.ts";
import { SERVER } from "./server_option.ts";

const TENANT = {
  tenant: {
    type: "string",
    value: "NAME",
    summary: "As this tenant: its agents, and the shared ones",
  },
} as const;

const REFERENCE = [{ name: "NAME[@VERSION]", completes: "agent" }] as const;

/** `agents …` */
export const AGENTS: Command = {
  name: "agents",
  summary: "Work with agents: register, list, show, check, remove",
  arguments: [],
  options: {},
  examples: [
    ["agents register measurer.ts --grant read=.", "Start it, and hold it to its own examples"],
    ["agents list --capability code.measure", "Who could do it, and how well"],
  ],
  subcommands: [
    {
      name: "register",
      summary: "Register an agent's module, or a new version of it",
      arguments: [{ name: "MODULE", completes: "file" }],
      options: {
        grant: {
          type: "string",
          multiple: true,
          value: "KIND=VALUE",
          summary: "What it may reach: read=DIR, write=DIR, net=HOST, env=NAME, run=PROGRAM …",
        },
        yes: { type: "boolean", short: "y", summary: "Grant all that the module asks for" },
        ...TENANT,
        ...SERVER,
      },
      examples: [
        ["agents register measurer.ts", "Says what it asks for, where it asks for anything"],
        ["agents register measurer.ts --grant read=src --grant net=api.example.org:443", "No more"],
      ],
      action: ["./agents_commands.ts", "register"],
    },
    {
      name: "list",
      summary: "List agents with what is known of them at each capability",
      arguments: [],
      options: {
        kind: {
          type: "string",
          value: "KIND",
          completes: ["workflow", "registered"],
          summary: "Only those of workflow files, or only registered ones",
        },
        capability: { type: "string", value: "NAME", summary: "Only those that offer it" },
        ...TENANT,
        ...SERVER,
      },
      examples: [["agents list --kind registered", "Those that any workflow may get"]],
      action: ["./agents_commands.ts", "list"],
    },
    {
      name: "show",
      summary: "Show an agent: what it may reach, and how well it does what",
      arguments: REFERENCE,
      options: { ...TENANT, ...SERVER },
      examples: [
        ["agents show measurer", "The highest version"],
        ["agents show repo-audit/walker", "The agent of a workflow file"],
      ],
      action: ["./agents_commands.ts", "show"],
    },
    {
      name: "check",
      summary: "Ask an agent its own examples again; exit status 1 when it fails them",
      arguments: REFERENCE,
      options: { ...TENANT, ...SERVER },
      examples: [["agents check measurer@1.2.0", "After what it needs was mended"]],
      action: ["./agents_commands.ts", "check"],
    },
    {
      name: "remove",
      summary: "Forget a version of an agent; with the name alone all of them",
      arguments: REFERENCE,
      options: { ...TENANT, ...SERVER },
      examples: [
        ["agents remove measurer@1.1.0", "Its attempts in flight go on"],
        ["agents remove measurer --tenant acme", "Of several tenants' agents that one's"],
      ],
      action: ["./agents_commands.ts", "remove"],
    },
  ],
};
