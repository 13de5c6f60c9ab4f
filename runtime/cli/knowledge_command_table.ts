import type { Command } from "./command.ts";
import { SERVER } from "./server_option.ts";

const LIMIT = {
  limit: { type: "string", value: "N", summary: "At most so many, 1 to 200 (default 20)" },
} as const;

/** `knowledge …` */
export const KNOWLEDGE: Command = {
  name: "knowledge",
  summary: "Look into the graph of solved tasks: stats, search, show, path, export",
  arguments: [],
  options: {},
  examples: [
    ['knowledge search "measure typescript"', "What is known of that"],
    ["knowledge export --format gexf --out tasks.gexf", "For Gephi"],
  ],
  subcommands: [
    {
      name: "stats",
      summary: "Tell how large the graph is",
      arguments: [],
      options: SERVER,
      examples: [["knowledge stats --json", "For programs"]],
      action: ["./knowledge_commands.ts", "stats"],
    },
    {
      name: "search",
      summary: "Find agents, capabilities, tasks and solutions by words, the best first",
      arguments: [{ name: "QUERY", isRest: true }],
      options: {
        kind: {
          type: "string",
          value: "KIND",
          completes: ["agent", "capability", "task", "solution", "artefact"],
          summary: "Only nodes of this kind",
        },
        capability: { type: "string", value: "NAME", summary: "Only what was asked of it" },
        ...LIMIT,
        ...SERVER,
      },
      examples: [["knowledge search measure typescript --kind solution", "Earlier results"]],
      action: ["./knowledge_commands.ts", "search"],
    },
    {
      name: "show",
      summary: "Show a node with what lies around it",
      arguments: [{ name: "ID" }],
      options: {
        depth: { type: "string", value: "N", summary: "Edges from it, 0 to 4 (default 1)" },
        ...LIMIT,
        ...SERVER,
      },
      examples: [["knowledge show capability:code.measure", "Who offers it, who asked for it"]],
      action: ["./knowledge_commands.ts", "show"],
    },
    {
      name: "path",
      summary: "Find a shortest way between two nodes; exit status 1 when there is none",
      arguments: [{ name: "FROM" }, { name: "TO" }],
      options: SERVER,
      examples: [[
        "knowledge path agent:measurer@1.2.0 agent:repo-audit/walker",
        "What they share",
      ]],
      action: ["./knowledge_commands.ts", "path"],
    },
    {
      name: "export",
      summary: "Write the whole graph for another program",
      arguments: [],
      options: {
        format: {
          type: "string",
          value: "FORMAT",
          completes: ["gexf", "graphml", "json"],
          summary: "gexf, graphml or json (default json)",
        },
        out: { type: "string", value: "FILE", summary: "Default: standard output" },
        ...SERVER,
      },
      examples: [["knowledge export --format graphml > tasks.graphml", "For yEd or networkx"]],
      action: ["./knowledge_commands.ts", "exportGraph"],
    },
  ],
};
