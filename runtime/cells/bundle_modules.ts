/**
 * The modules that a file names, each as one content-hashed text. Paths begin at the file.
 *
 * @module
 */
import { readFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import process from "node:process";
import { DenizenError, InvalidInputError, type Issue } from "../../core/errors.ts";
import { type Bundle, bundleAgent } from "./bundle.ts";

/** Which file names the modules, and where in it. */
export interface ModuleSource {
  file: string;
  /** The key that they stand under: `/section/NAME/module` is the pointer of each. */
  section: string;
  placeOf: (pointer: string) => { line: number; column: number };
  /** Where bundles are kept between starts. */
  cacheDir: string;
  /** What becomes of a static import of a file outside the folder of the file. */
  foreign?: "refuse" | "defer";
}

/** Bundles modules by name; what is wrong with one is an issue. */
export async function bundleModules(
  specs: readonly { name: string; module: string }[],
  source: ModuleSource,
): Promise<{ bundles: Map<string, Bundle>; issues: Issue[] }> {
  const root = dirname(resolve(source.file));
  const { cacheDir, foreign } = source;
  const bundles = new Map<string, Bundle>();
  const issues: Issue[] = [];
  await Promise.all(specs.map(async ({ name, module }) => {
    try {
      bundles.set(name, await bundleAgent(resolve(root, module), { root, cacheDir, foreign }));
    } catch (error) {
      if (!(error instanceof DenizenError)) throw error;
      issues.push(issueOf(error, `/${source.section}/${name}/module`, source));
    }
  }));
  return { bundles, issues };
}

/** Where the module itself is wrong the issue points there, else at the line that names it. */
function issueOf(error: DenizenError, pointer: string, { file, placeOf }: ModuleSource): Issue {
  const { code, message } = error;
  const hint = error.hint ?? "Check the module";
  const details = error.details ?? {};
  if (typeof details.file === "string" && typeof details.line === "number") {
    const { line, column } = details;
    const place = { line, column: typeof column === "number" ? column : 1 };
    const path = relative(process.cwd(), details.file);
    return { code, severity: "error", message, hint, file: path, ...place, pointer };
  }
  return { code, severity: "error", message, hint, file, ...placeOf(pointer), pointer };
}

/**
 * Text of a file that somebody named; `noun` is what it should be.
 *
 * @throws {InvalidInputError} `FILE_NOT_READABLE`
 */
export async function readSourceFile(
  file: string,
  noun: "workflow file" | "system file" | "file",
): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    const isFolder = cause instanceof Error && "code" in cause && cause.code === "EISDIR";
    const usual = noun === "system file" ? "system.yaml" : "workflow.yaml";
    throw new InvalidInputError("FILE_NOT_READABLE", {
      message: `Could not read ${noun} "${file}"${isFolder ? ": it is a folder" : ""}`,
      hint: isFolder
        ? `Name the file in it, such as "${join(file, usual)}"`
        : `Check the path; it is taken from "${process.cwd()}"`,
      details: { file },
      cause,
    });
  }
}
