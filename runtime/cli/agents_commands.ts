import { resolve } from "node:path";
import { InvalidInputError } from "../../core/errors.ts";
import { suggest } from "../../core/suggest.ts";
import type { AgentDetail } from "../control/mod.ts";
import { agentTable, agentText, findingsText, permissionsText } from "./agent_text.ts";
import { type AgentGrants, readGrants } from "./agent_grants.ts";
import type { Invocation } from "./command.ts";
import { EXIT } from "./exit_status.ts";
import { painter } from "./palette.ts";
import { plainText } from "./plain_text.ts";
import { type AgentName, type AgentPlace, withAgents } from "./with_agents.ts";

/** `agents register MODULE`. Exit 1 when it does not keep what it claims. */
export async function register(invocation: Invocation): Promise<number> {
  const { positionals, terminal, isJson, texts, flag, text } = invocation;
  const grants: AgentGrants = readGrants(texts("grant"), {
    // A path at another machine is that machine's.
    toPath: text("server") === undefined ? resolve : (path) => path,
  });
  const { agent, isNew } = await withAgents(
    invocation,
    (place) => place.register(positionals[0]!, { grants, grantsAll: flag("yes") }),
    { makesStore: true },
  );
  if (isJson) {
    terminal.out(`${JSON.stringify({ isNew, agent })}\n`);
    return statusOf(agent);
  }
  const capabilities = agent.capabilities.map(plainText).join(", ");
  terminal.out(
    `${isNew ? "Registered" : "Found, as it is,"} ${plainText(agent.ref)}: ${agent.status}\n` +
      `  offers ${capabilities}\n  may reach ${permissionsText(agent.permissions)}\n` +
      findingsText(agent, painter(terminal.outHasColor)),
  );
  return statusOf(agent);
}

/** `agents list`. */
export async function list(invocation: Invocation): Promise<number> {
  const { terminal, isJson, text } = invocation;
  const filters = { kind: kindOf(text("kind")), capability: text("capability") };
  const items = await withAgents(invocation, (place) => place.list(filters)).catch(noneYet);
  terminal.out(
    isJson ? `${JSON.stringify({ items })}\n` : agentTable(items, terminal.outHasColor),
  );
  return EXIT.completed;
}

/** Where nothing was ever kept there are none: that is an answer, not an error. */
function noneYet(error: unknown): [] {
  if (error instanceof InvalidInputError && error.code === "DATA_DIR_MISSING") return [];
  throw error;
}

/** `agents show NAME[@VERSION]`. */
export async function show(invocation: Invocation): Promise<number> {
  const { terminal, isJson } = invocation;
  const agent = await withNamed(invocation, (place, name) => place.show(name));
  terminal.out(isJson ? `${JSON.stringify(agent)}\n` : agentText(agent, terminal.outHasColor));
  return EXIT.completed;
}

/** `agents check NAME[@VERSION]`. */
export async function check(invocation: Invocation): Promise<number> {
  const { terminal, isJson } = invocation;
  const agent = await withNamed(invocation, (place, name) => place.check(name));
  if (isJson) terminal.out(`${JSON.stringify(agent)}\n`);
  else {
    const kept = agent.status === "ready" ? "it keeps what it claims" : agent.status;
    terminal.out(
      `${plainText(agent.ref)}: ${kept}\n${findingsText(agent, painter(terminal.outHasColor))}`,
    );
  }
  return statusOf(agent);
}

/** `agents remove NAME[@VERSION]`. */
export async function remove(invocation: Invocation): Promise<number> {
  const { terminal, isJson } = invocation;
  const removed = await withNamed(invocation, (place, name) => place.remove(name));
  if (isJson) terminal.out(`${JSON.stringify({ removed })}\n`);
  for (const ref of isJson ? [] : removed) terminal.out(`Removed ${plainText(ref)}\n`);
  return EXIT.completed;
}

function statusOf({ status }: AgentDetail): number {
  return status === "ready" ? EXIT.completed : EXIT.failed;
}

function kindOf(text: string | undefined): "workflow" | "registered" | undefined {
  if (text === undefined || text === "workflow" || text === "registered") return text;
  throw new InvalidInputError("OPTION_VALUE_WRONG", {
    message: `Cannot use --kind "${text}"`,
    hint: "Use workflow or registered",
  });
}

/** Does something with an agent; where there is none of the name, the nearest one is offered. */
async function withNamed<T>(
  invocation: Invocation,
  work: (place: AgentPlace, name: AgentName) => Promise<T>,
): Promise<T> {
  const reference = invocation.positionals[0]!;
  return await withAgents(invocation, async (place) => {
    try {
      return await work(place, parseAgentName(reference));
    } catch (error) {
      if (!(error instanceof InvalidInputError) || error.code !== "AGENT_UNKNOWN") throw error;
      const known = await place.list({});
      const names = known.flatMap(({ kind, name, ref }) =>
        kind === "registered" ? [name, ref] : [ref]
      );
      const near = suggest(reference, [...new Set(names)].filter((name) => name !== reference));
      if (near === null) throw error;
      const { code, message, details } = error;
      throw new InvalidInputError(code, { message, hint: `Did you mean "${near}"?`, details });
    }
  });
}

/** `name`, `name@range`, or `workflow/name` of a workflow file's agent. */
export function parseAgentName(reference: string): AgentName {
  const slash = reference.indexOf("/");
  if (slash > 0) {
    return { workflow: reference.slice(0, slash), name: reference.slice(slash + 1) };
  }
  const at = reference.indexOf("@");
  return at < 1
    ? { name: reference }
    : { name: reference.slice(0, at), version: reference.slice(at + 1) };
}
