/**
 * Files that a run made, for whoever may see the run.
 *
 * Only a path that the run's output names is answered, and only where it leads into a folder that
 * one of the run's agents was granted to write: an output is the agents' own word, and must not
 * make the node read for them what they may not.
 *
 * @module
 */
import type { FileHandle } from "node:fs/promises";
import { constants, lstat, open, realpath } from "node:fs/promises";
import { basename, extname, resolve } from "node:path";
import { isInside } from "../../actors/permissions.ts";
import { DenizenError, InvalidInputError } from "../../core/errors.ts";
import { joinBytes } from "../../core/join_bytes.ts";
import { isJsonObject, type Json } from "../../core/json.ts";
import { manifestOf } from "../node/agents_of_run.ts";
import type { RunFile } from "./run_documents.ts";
import type { FoldedRun } from "./run_folds.ts";

const BYTES_MAX = 20 * 1024 * 1024;
const READ_BYTES = 1024 * 1024;
const CONTENT_TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".htm": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".md": "text/markdown; charset=utf-8",
  ".txt": "text/plain; charset=utf-8",
  ".log": "text/plain; charset=utf-8",
  ".csv": "text/csv; charset=utf-8",
  ".json": "application/json",
  ".yaml": "application/yaml",
  ".yml": "application/yaml",
  ".xml": "application/xml",
  ".pdf": "application/pdf",
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".jpeg": "image/jpeg",
  ".gif": "image/gif",
  ".webp": "image/webp",
  ".svg": "image/svg+xml",
};

/**
 * The file at a path that stands in the run's output, letter for letter.
 *
 * @throws {InvalidInputError} `FILE_NOT_FOUND` for whatever reason, `RUN_FILE_TOO_LARGE`
 */
export async function readRunFile(run: FoldedRun, path: string): Promise<RunFile> {
  const { runId, state } = run;
  const isNamed = path.length > 0 && !path.includes("\0") && mentions(state.output, path);
  if (!isNamed) throw notFound(runId, path);
  const granted = await grantedFolders(run);
  try {
    const real = await realpath(resolve(state.workDir, path));
    if (!granted.some((root) => isInside(root, real))) throw notFound(runId, path);
    const bytes = await readPlainFile(real, path);
    return { bytes, contentType: contentTypeOf(real), name: basename(path) };
  } catch (error) {
    throw error instanceof DenizenError ? error : notFound(runId, path);
  }
}

/** Whether a string of the value is the path. */
function mentions(value: Json, path: string): boolean {
  const open: Json[] = [value];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next === path) return true;
    if (Array.isArray(next)) { for (const item of next) open.push(item); }
    else if (isJsonObject(next)) { for (const key of Object.keys(next)) open.push(next[key]!); }
  }
  return false;
}

/** What the run's agents may write, links followed. */
async function grantedFolders({ runId, state, content }: FoldedRun): Promise<string[]> {
  const { definition, agents } = content;
  const bindings = {
    input: state.input,
    vars: definition.vars,
    run: { id: runId, name: definition.name },
  };
  const manifests = await Promise.all(
    definition.agents.filter(({ permissions }) => permissions.write !== undefined).map((spec) =>
      manifestOf(spec, agents[spec.name]!.codeHash, { bindings, workDir: state.workDir })
    ),
  );
  return manifests.flatMap(({ permissions }) => permissions.write);
}

/** An agent that may write there could put a link in the file's place while it is looked at. */
async function readPlainFile(real: string, path: string): Promise<Uint8Array> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const handle = await open(real, flags);
  try {
    const info = await handle.stat();
    const there = await lstat(real);
    const isSame = there.ino === info.ino && there.dev === info.dev;
    if (!info.isFile() || !isSame || await realpath(real) !== real) throw notFound("", path);
    if (info.size > BYTES_MAX) throw tooLarge(path, info.size);
    return await readUpTo(handle, BYTES_MAX, path);
  } finally {
    await handle.close();
  }
}

/** It may grow while it is read. */
async function readUpTo(handle: FileHandle, max: number, path: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { bytesRead, buffer } = await handle.read({ buffer: new Uint8Array(READ_BYTES) });
    if (bytesRead === 0) return joinBytes(parts);
    parts.push(buffer.subarray(0, bytesRead));
    size += bytesRead;
    if (size > max) throw tooLarge(path, size);
  }
}

function contentTypeOf(path: string): string {
  return CONTENT_TYPES[extname(path).toLowerCase()] ?? "application/octet-stream";
}

function notFound(runId: string, path: string): InvalidInputError {
  return new InvalidInputError("FILE_NOT_FOUND", {
    message: `Found no file "${path.slice(0, 500)}" of the run`,
    hint:
      "Name a path as the run's output has it, of a file in a folder that an agent may write to",
    details: runId === "" ? {} : { runId },
  });
}

function tooLarge(path: string, bytes: number): InvalidInputError {
  return new InvalidInputError("RUN_FILE_TOO_LARGE", {
    message: `Cannot hand out "${path.slice(0, 500)}": it has ${bytes} bytes`,
    hint: `Files of up to ${BYTES_MAX} bytes are handed out; take it from the disk`,
    details: { bytes, bytesMax: BYTES_MAX },
  });
}
