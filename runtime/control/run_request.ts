import { createHash } from "node:crypto";
import { isAbsolute } from "node:path";
import { InvalidInputError } from "../../core/errors.ts";
import type { RunOrigin } from "../../workflows/mod.ts";
import type { Caller } from "./caller.ts";
import type { RunRequest } from "./run_documents.ts";

const TAGS_MAX = 20;
const TAG_CHARS_MAX = 64;

/** A request that was read: whose run it is to be, and what the run is found by. */
export interface RunTerms {
  tenant: string | null;
  tags: string[];
  origin: RunOrigin;
}

/**
 * Reads what a request says beside workflow and input.
 *
 * @throws {InvalidInputError} `RUN_REQUEST_WRONG`
 */
export function readTerms(request: RunRequest, { by, tenant: own }: Caller): RunTerms {
  const { workflow, definition, files, workDir, traceparent } = request;
  if ((workflow === undefined) === (definition === undefined)) {
    throw wrong(
      "name a workflow, or send a definition",
      'Give "workflow" or "definition", not both',
    );
  }
  if (files !== undefined && definition === undefined) {
    throw wrong('"files" belong to a "definition"', "Leave them out, or send the definition");
  }
  if (workDir !== undefined && !isAbsolute(workDir)) {
    throw wrong(`"${workDir}" is no absolute path`, 'Begin "workDir" with "/"');
  }
  if (own !== null && request.tenant !== undefined && request.tenant !== own) {
    throw wrong(`tenant "${request.tenant}" is not yours`, 'Leave "tenant" out');
  }
  const tenant = own ?? request.tenant ?? null;
  const tags = readTags(request.tags ?? []);
  const origin: RunOrigin = { submittedBy: by };
  if (tenant !== null) origin.tenant = tenant;
  if (tags.length > 0) origin.tags = tags;
  if (traceparent !== undefined) origin.traceparent = traceparent;
  return { tenant, tags, origin };
}

function readTags(tags: readonly string[]): string[] {
  const hint = `Give up to ${TAGS_MAX} tags of 1 to ${TAG_CHARS_MAX} characters`;
  const unique = [...new Set(tags)];
  if (unique.length > TAGS_MAX) throw wrong(`there are ${unique.length} tags`, hint);
  // deno-lint-ignore no-control-regex
  const bad = unique.find((tag) => tag.length > TAG_CHARS_MAX || !/^[^\x00-\x1f]+$/.test(tag));
  if (bad !== undefined) throw wrong(`"${bad.slice(0, TAG_CHARS_MAX)}" is no tag`, hint);
  return unique;
}

/**
 * What a key is called in the store. Keys of those who see every tenant are those of the command
 * line; keys of a tenant meet no others.
 */
export function keyOf(key: string, tenant: string | null): string {
  if (tenant === null) return key;
  return `tenant:${createHash("sha256").update(JSON.stringify([tenant, key])).digest("hex")}`;
}

function wrong(what: string, hint: string): InvalidInputError {
  return new InvalidInputError("RUN_REQUEST_WRONG", {
    message: `Cannot begin a run: ${what}`,
    hint,
  });
}
