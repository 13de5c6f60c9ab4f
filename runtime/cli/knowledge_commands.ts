import type { NodeKind } from "../../actors/knowledge/mod.ts";
import { InvalidInputError, UnavailableError } from "../../core/errors.ts";
import { suggest } from "../../core/suggest.ts";
import type {
  KnowledgeFormat,
  KnowledgeNeighbourhood,
  KnowledgePath,
  KnowledgeSearch,
  KnowledgeSize,
} from "../control/mod.ts";
import { ApiKnowledge } from "./api/mod.ts";
import type { Invocation } from "./command.ts";
import { EXIT } from "./exit_status.ts";
import {
  type KnowledgeLook,
  neighbourhoodText,
  pathText,
  searchText,
  sizeText,
} from "./knowledge_text.ts";
import { PLAIN_COLUMNS, type Terminal } from "./terminal.ts";
import { withDesks } from "./with_agents.ts";
import { withServerOrStores } from "./with_server.ts";

const LIMIT = { usual: 20, max: 200 };
const DEPTH_MAX = 4;
const KINDS: readonly NodeKind[] = ["agent", "capability", "task", "solution", "artefact"];
const FORMATS: readonly KnowledgeFormat[] = ["gexf", "graphml", "json"];

/** Where the graph is asked for: a server, or the store itself. */
interface KnowledgePlace {
  stats(): Promise<KnowledgeSize>;
  search(
    query: { q: string; kind?: NodeKind; capability?: string; limit: number },
  ): Promise<KnowledgeSearch>;
  neighbours(
    id: string,
    options: { depth: number; limit: number },
  ): Promise<KnowledgeNeighbourhood>;
  path(from: string, to: string): Promise<KnowledgePath>;
  export(format: KnowledgeFormat): Promise<string>;
}

async function withKnowledge<T>(
  invocation: Invocation,
  work: (place: KnowledgePlace) => Promise<T>,
): Promise<T> {
  return await withServerOrStores(invocation, {
    server: (api) => work(new ApiKnowledge(api)),
    stores: (local) =>
      withDesks(local, invocation, ({ knowledge }) =>
        work({
          stats: () => knowledge.stats(null),
          search: (query) => knowledge.search(null, query),
          neighbours: (id, options) => knowledge.neighbours(null, id, options),
          path: (from, to) => knowledge.path(null, from, to),
          export: async (format) => {
            const file = await knowledge.export(null, format);
            return await new Response(file.open()).text();
          },
        })),
  });
}

/** `knowledge stats`. */
export async function stats(invocation: Invocation): Promise<number> {
  const { terminal, isJson } = invocation;
  const size = await withKnowledge(invocation, (place) => place.stats());
  terminal.out(isJson ? `${JSON.stringify(size)}\n` : sizeText(size));
  return EXIT.completed;
}

/** `knowledge search QUERY…`. */
export async function search(invocation: Invocation): Promise<number> {
  const { terminal, isJson, positionals, text } = invocation;
  const query = {
    q: positionals.join(" "),
    kind: oneOf(invocation, "kind", KINDS),
    capability: text("capability"),
    limit: limitOf(invocation),
  };
  const found = await withKnowledge(invocation, (place) => place.search(query));
  terminal.out(isJson ? `${JSON.stringify(found)}\n` : searchText(found, lookOf(terminal)));
  return EXIT.completed;
}

/** `knowledge show ID`. */
export async function show(invocation: Invocation): Promise<number> {
  const { terminal, isJson, positionals } = invocation;
  const depth = countOf(invocation, "depth", { minimum: 0, maximum: DEPTH_MAX, usual: 1 });
  const options = { depth, limit: limitOf(invocation) };
  const found = await withKnowledge(
    invocation,
    (place) => place.neighbours(positionals[0]!, options),
  );
  terminal.out(
    isJson ? `${JSON.stringify(found)}\n` : neighbourhoodText(found, lookOf(terminal)),
  );
  return EXIT.completed;
}

/** `knowledge path FROM TO`. */
export async function path(invocation: Invocation): Promise<number> {
  const { terminal, isJson, positionals: [from, to] } = invocation;
  const found = await withKnowledge(invocation, (place) => place.path(from!, to!));
  terminal.out(isJson ? `${JSON.stringify(found)}\n` : pathText(found, lookOf(terminal)));
  return found.hops === null ? EXIT.failed : EXIT.completed;
}

/** `knowledge export`. */
export async function exportGraph(invocation: Invocation): Promise<number> {
  const { terminal, isJson, text } = invocation;
  const format = oneOf(invocation, "format", FORMATS) ?? "json";
  const out = text("out");
  if (isJson && format !== "json" && out === undefined) {
    throw new InvalidInputError("OPTION_VALUE_WRONG", {
      message: `Cannot print ${format} with --json: it is no JSON`,
      hint: "Leave --json out, or name a file with --out",
    });
  }
  const graph = await withKnowledge(invocation, (place) => place.export(format));
  if (out === undefined) terminal.out(`${graph.trimEnd()}\n`);
  else {
    await writeOut(out, graph);
    if (isJson) terminal.out(`${JSON.stringify({ file: out, format, bytes: graph.length })}\n`);
    else terminal.err(`Wrote ${out}\n`);
  }
  return EXIT.completed;
}

async function writeOut(file: string, text: string): Promise<void> {
  try {
    await Deno.writeTextFile(file, text);
  } catch (error) {
    throw new UnavailableError("FILE_NOT_WRITTEN", {
      message: `Cannot write "${file}": ${error instanceof Error ? error.message : String(error)}`,
      hint: "Give --out a file in a folder that is there and may be written to",
    });
  }
}

/** What is read by a program, or kept in a file, has the width of a page. */
function lookOf({ outHasColor, size }: Terminal): KnowledgeLook {
  return { color: outHasColor, columns: outHasColor ? size().columns : PLAIN_COLUMNS };
}

function limitOf(invocation: Invocation): number {
  return countOf(invocation, "limit", { minimum: 1, maximum: LIMIT.max, usual: LIMIT.usual });
}

function countOf(
  { text }: Invocation,
  option: string,
  { minimum, maximum, usual }: { minimum: number; maximum: number; usual: number },
): number {
  const value = text(option);
  if (value === undefined) return usual;
  const count = Number(value);
  if (/^\d+$/.test(value) && count >= minimum && count <= maximum) return count;
  throw new InvalidInputError("OPTION_VALUE_WRONG", {
    message: `Cannot use --${option} "${value}"`,
    hint: `Give a whole number from ${minimum} to ${maximum}`,
  });
}

function oneOf<Word extends string>(
  { text }: Invocation,
  option: string,
  words: readonly Word[],
): Word | undefined {
  const value = text(option);
  const word = words.find((one) => one === value);
  if (value === undefined || word !== undefined) return word;
  const near = suggest(value, words);
  throw new InvalidInputError("OPTION_VALUE_WRONG", {
    message: `Cannot use --${option} "${value}"`,
    hint: near === null ? `Use one of: ${words.join(", ")}` : `Did you mean "${near}"?`,
  });
}
