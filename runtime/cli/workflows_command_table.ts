import type { Command } from "./command.ts";
import { SERVER } from "./server_option.ts";

const NAME = [{ name: "NAME", completes: "workflow" }] as const;

/** `workflows …` */
export const WORKFLOWS: Command = {
  name: "workflows",
  summary: "Work with a server's registered workflows: register, list, show, versions, remove",
  arguments: [],
  options: {},
  examples: [
    ["workflows register flow.yaml", "With the modules of its agents, at the node that lives here"],
    ["workflows list --server https://denizen.example.org", "With the key in DENIZEN_API_KEY"],
  ],
  subcommands: [
    {
      name: "register",
      summary: "Register workflow files, or new versions of them",
      arguments: [{ name: "FILE", isRest: true }],
      options: SERVER,
      examples: [["workflows register flows/*.yaml", "The same content again changes nothing"]],
      action: ["./workflows_commands.ts", "register"],
    },
    {
      name: "list",
      summary: "List workflows by name",
      arguments: [],
      options: SERVER,
      examples: [["workflows list", "With their latest versions"]],
      action: ["./workflows_commands.ts", "list"],
    },
    {
      name: "show",
      summary: "Show a workflow as it was registered",
      arguments: NAME,
      options: {
        ...SERVER,
        version: {
          type: "string",
          value: "VERSION",
          summary: "1.2.0, or the beginning of a hash (default: the latest)",
        },
      },
      examples: [["workflows show repo-audit > flow.yaml", "Its file"]],
      action: ["./workflows_commands.ts", "show"],
    },
    {
      name: "versions",
      summary: "List the versions of a workflow, the latest first",
      arguments: NAME,
      options: SERVER,
      examples: [["workflows versions repo-audit", "Who registered what, and when"]],
      action: ["./workflows_commands.ts", "versions"],
    },
    {
      name: "remove",
      summary: "Forget a workflow with all its versions; runs of it go on",
      arguments: NAME,
      options: SERVER,
      examples: [["workflows remove repo-audit", "Runs have their own copy"]],
      action: ["./workflows_commands.ts", "remove"],
    },
  ],
};
