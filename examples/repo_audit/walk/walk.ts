/**
 * Lists the text files of a directory tree, in an order that depends on their names alone.
 *
 * @module
 */
import { basename, relative, resolve } from "node:path";
import {
  type FileEntry,
  SKIPPED_LISTED_MAX,
  type SkippedFile,
  type SkipReason,
  type Walk,
} from "../audit_types.ts";
import { detectLanguage } from "../languages.ts";
import { isManifest } from "../inventory/manifest_names.ts";
import { type BatchLimits, toBatches } from "./batches.ts";
import { type IgnoreScope, isIgnored, openScope } from "./gitignore.ts";

/** What to leave out, and how to group the rest. */
export interface WalkOptions {
  /** Larger files are skipped and reported. */
  fileBytesMax: number;
  batch: BatchLimits;
  /** Directories to leave out beside those of `.gitignore`: the report's own. */
  exclude?: string[];
  signal?: AbortSignal;
  /** Called now and then with the number of files so far. */
  onProgress?: (files: number, path: string) => void;
}

/** State directories of version control, and of Denizen itself: never part of what is audited. */
const NEVER = new Set([".git", ".hg", ".svn", ".denizen"]);

/** Bytes read from the start of each file to tell text from binary: as many as git looks at. */
const HEAD_BYTES = 8_000;

/** Entries between two pauses that let the worker answer heartbeats. */
const PAUSE_ENTRIES = 200;

/**
 * Walks `root` and sorts its files into batches. Symbolic links are never followed; what may not
 * or cannot be read is skipped and reported.
 *
 * @throws {Deno.errors.NotFound | Deno.errors.NotADirectory} when `root` is not a directory
 */
export async function walk(root: string, options: WalkOptions): Promise<Walk> {
  const walker = new Walker(resolve(root), options);
  await walker.run();
  return walker.result();
}

class Walker {
  readonly #root: string;
  readonly #options: WalkOptions;
  readonly #excluded: Set<string>;
  readonly #files: FileEntry[] = [];
  readonly #manifests: string[] = [];
  readonly #skipped: SkippedFile[] = [];
  readonly #buffer = new Uint8Array(HEAD_BYTES);
  #directories = 0;
  #ignored = 0;
  #entries = 0;

  constructor(root: string, options: WalkOptions) {
    this.#root = root;
    this.#options = options;
    this.#excluded = new Set((options.exclude ?? []).map((path) => relative(root, resolve(path))));
  }

  async run(): Promise<void> {
    const exclude = this.#readText(".git/info/exclude");
    const outermost = openScope(null, "", exclude);
    const pending: { path: string; scope: IgnoreScope }[] = [{ path: "", scope: outermost }];
    for (let next = pending.pop(); next; next = pending.pop()) {
      const entries = this.#list(next.path);
      const scope = this.#scopeOf(next, entries);
      for (const entry of entries) {
        const found = this.#visit(next.path, scope, entry);
        if (found) pending.push({ path: found, scope });
        if (++this.#entries % PAUSE_ENTRIES === 0) await this.#pause(next.path);
      }
    }
  }

  result(): Walk {
    this.#files.sort((a, b) => (a.path < b.path ? -1 : 1));
    this.#skipped.sort((a, b) => (a.path < b.path ? -1 : 1));
    const skipped: Record<string, number> = {};
    for (const { reason } of this.#skipped) skipped[reason] = (skipped[reason] ?? 0) + 1;
    return {
      name: basename(this.#root) || "/",
      batches: toBatches(this.#files, this.#options.batch),
      manifests: this.#manifests.sort(),
      counts: {
        files: this.#files.length,
        bytes: this.#files.reduce((sum, file) => sum + file.bytes, 0),
        directories: this.#directories,
        ignored: this.#ignored,
        skipped: Object.fromEntries(Object.entries(skipped).sort()),
      },
      skipped: this.#skipped.slice(0, SKIPPED_LISTED_MAX),
    };
  }

  /** The entries of a directory, sorted; none when it may not be read. */
  #list(path: string): Deno.DirEntry[] {
    try {
      const entries = [...Deno.readDirSync(this.#absolute(path))];
      this.#directories++;
      return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    } catch (error) {
      if (path === "") throw error;
      this.#skip(path, reasonOf(error));
      return [];
    }
  }

  /** Deals with one entry; answers the path of a directory to descend into. */
  #visit(folder: string, scope: IgnoreScope, entry: Deno.DirEntry): string | null {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (NEVER.has(entry.name) || this.#excluded.has(path)) return null;
    if (isIgnored(scope, path, entry.isDirectory)) {
      this.#ignored++;
      return null;
    }
    if (entry.isSymlink) this.#skip(path, "symlink");
    else if (entry.isDirectory) return path;
    else if (entry.isFile) this.#addFile(path);
    else this.#skip(path, "special");
    return null;
  }

  /** The directory's own scope. Only a `.gitignore` that is there is asked for: each access costs. */
  #scopeOf(at: { path: string; scope: IgnoreScope }, entries: Deno.DirEntry[]): IgnoreScope {
    if (!entries.some(({ name, isFile }) => name === ".gitignore" && isFile)) return at.scope;
    const base = at.path === "" ? "" : `${at.path}/`;
    return openScope(at.scope, base, this.#readText(`${base}.gitignore`));
  }

  #addFile(path: string): void {
    try {
      using file = Deno.openSync(this.#absolute(path));
      const bytes = file.statSync().size;
      const head = this.#buffer.subarray(0, file.readSync(this.#buffer) ?? 0);
      if (isManifest(path)) this.#manifests.push(path);
      if (head.includes(0)) this.#skip(path, "binary");
      else if (bytes > this.#options.fileBytesMax) this.#skip(path, "too-large");
      else this.#files.push({ path, bytes, language: languageOf(path, head) });
    } catch (error) {
      this.#skip(path, reasonOf(error));
    }
  }

  #readText(path: string): string {
    try {
      return Deno.readTextFileSync(this.#absolute(path));
    } catch {
      return "";
    }
  }

  #skip(path: string, reason: SkipReason): void {
    this.#skipped.push({ path, reason });
  }

  #absolute(path: string): string {
    return path === "" ? this.#root : `${this.#root}/${path}`;
  }

  async #pause(path: string): Promise<void> {
    this.#options.onProgress?.(this.#files.length, path);
    await new Promise((resume) => setTimeout(resume, 0));
    this.#options.signal?.throwIfAborted();
  }
}

function languageOf(path: string, head: Uint8Array): string {
  const isScript = head[0] === 0x23 && head[1] === 0x21;
  return detectLanguage(path, isScript ? new TextDecoder().decode(head.subarray(0, 200)) : "");
}

function reasonOf(error: unknown): SkipReason {
  const isDenied = error instanceof Deno.errors.NotCapable ||
    error instanceof Deno.errors.PermissionDenied;
  return isDenied ? "denied" : "unreadable";
}
