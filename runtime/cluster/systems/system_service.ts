/**
 * Answers other nodes that have something to say to an actor system of this one.
 *
 * @module
 */
import { InvalidInputError } from "../../../core/errors.ts";
import { isJsonObject, type Json, type JsonObject } from "../../../core/json.ts";
import type { ActorSystem, AskOptions, TellOptions } from "../../actors/mod.ts";
import type { LinkHandler, NodeLink } from "../link/mod.ts";
import { encodeError } from "../link/wire_error.ts";
import type { SystemRecord } from "./system_record.ts";

/** Methods of the link. */
export const SYSTEM_METHODS = {
  ask: "system.ask",
  tell: "system.tell",
  start: "system.start",
  digest: "system.digest",
} as const;

/** A message on its way to the leader. */
export interface TellRow {
  to: string;
  type: string;
  payload: Json;
  options: TellOptions & { sealedId?: string };
}

export interface SystemServiceOptions {
  /**
   * The system, if this node leads it.
   *
   * @throws {UnavailableError} `NOT_LEADER`
   */
  led: (name: string) => ActorSystem;
  digest: (name: string) => string;
  /** Starts a system here, unless somebody leads it. */
  start: (record: SystemRecord) => Promise<void>;
}

export function serveSystems(link: NodeLink, { led, digest, start }: SystemServiceOptions): void {
  const ask: LinkHandler = (body, { signal }) => {
    const { system, to, type, payload, options } = membersOf(body);
    return led(text(system)).ask(text(to), text(type), payload ?? null, {
      ...options as AskOptions | undefined,
      signal,
    });
  };
  const tell: LinkHandler = async (body) => {
    const { system, rows } = membersOf(body);
    if (!Array.isArray(rows)) throw malformed();
    return await tellAll(led(text(system)), rows.map(toRow));
  };
  link.handle(SYSTEM_METHODS.ask, ask);
  link.handle(SYSTEM_METHODS.tell, tell);
  link.handle(SYSTEM_METHODS.digest, (body) => digest(text(membersOf(body).system)));
  link.handle(SYSTEM_METHODS.start, async (body) => {
    const { content, workDir } = membersOf(body);
    if (!isJsonObject(content)) throw malformed();
    await start({ content, workDir: text(workDir) } as unknown as SystemRecord);
    return null;
  });
}

/** Sends all in order, and tells of each why it was not taken, or `null`. */
export async function tellAll(system: ActorSystem, rows: readonly TellRow[]): Promise<Json[]> {
  return await Promise.all(
    rows.map(({ to, type, payload, options }) =>
      system.tell(to, type, payload, options).then(() => null, encodeError)
    ),
  );
}

function toRow(row: Json): TellRow {
  const { to, type, payload, options } = membersOf(row);
  return {
    to: text(to),
    type: text(type),
    payload: payload ?? null,
    options: options as TellOptions,
  };
}

function membersOf(body: Json): JsonObject {
  if (isJsonObject(body)) return body;
  throw malformed();
}

function text(value: Json | undefined): string {
  if (typeof value === "string") return value;
  throw malformed();
}

function malformed(): InvalidInputError {
  return new InvalidInputError("LINK_REFUSED", {
    message: "Cannot take the request: it does not say what is wanted of which system",
    hint: "Run the same version on all nodes of the cluster",
  });
}
