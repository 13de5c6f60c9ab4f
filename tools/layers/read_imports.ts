import { join, relative } from "node:path";
import { fromFileUrl, listSources } from "../sources.ts";

/** One import of one module by another; paths are relative to the root. */
export interface Import {
  from: string;
  /** A path of the repository, or the name of an npm package. */
  to: string;
  isPackage: boolean;
  /** 1-based; 0 when the tool did not say. */
  line: number;
}

interface InfoModule {
  specifier: string;
  dependencies?: {
    specifier: string;
    npmPackage?: string;
    code?: { specifier?: string; span?: { start: { line: number } } };
    type?: { specifier?: string; span?: { start: { line: number } } };
  }[];
}

/**
 * Every import between the modules below `root`, static, dynamic and of types alike, as
 * `deno info --json` resolves them. Tests are left out: they may import what they like.
 *
 * @throws {Error} when `deno info` fails
 */
export async function readImports(root: string): Promise<Import[]> {
  // Outside of the tree, so that no other checker meets it.
  const entry = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    const sources = (await listSources(root)).filter((path) => !path.endsWith("_test.ts"));
    await Deno.writeTextFile(
      entry,
      sources.map((path) => `import ${JSON.stringify(join(root, path))};\n`).join(""),
    );
    const modules = await info(root, entry);
    return modules.filter((module) => module.specifier !== `file://${entry}`)
      .flatMap((module) => importsOf(module, root));
  } finally {
    await Deno.remove(entry);
  }
}

async function info(root: string, entry: string): Promise<InfoModule[]> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "--config", join(root, "deno.json"), entry],
    cwd: root,
    stderr: "piped",
  }).output();
  if (code !== 0) throw new Error(new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout)).modules;
}

function importsOf(module: InfoModule, root: string): Import[] {
  const from = fromFileUrl(module.specifier);
  if (from === null) return [];
  return (module.dependencies ?? []).flatMap((dependency): Import[] => {
    const target = dependency.code ?? dependency.type;
    const line = (target?.span?.start.line ?? -1) + 1;
    const path = fromFileUrl(target?.specifier ?? "");
    // What is read as data has no layer.
    if (path?.endsWith(".json")) return [];
    if (path !== null) {
      return [{ from: relative(root, from), to: relative(root, path), isPackage: false, line }];
    }
    const name = dependency.npmPackage?.replace(/(.)@.*$/, "$1");
    return name === undefined
      ? []
      : [{ from: relative(root, from), to: name, isPackage: true, line }];
  });
}
