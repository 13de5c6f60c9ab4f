/**
 * Loads `web-tree-sitter` and the grammars out of the package cache. They are imported as bytes, so
 * that a worker needs no permission to read them; each is loaded when the first file asks for it.
 *
 * @module
 */
import { Language, Parser, Query } from "web-tree-sitter";
import type { GrammarName } from "../languages.ts";
import { queryOf, SYNTAX } from "./syntax.ts";

/** A parser that is ready for one language, and the query that finds what is measured. */
export interface Grammar {
  parser: Parser;
  query: Query;
}

type Bytes = Promise<{ default: Uint8Array<ArrayBuffer> }>;

const IMPORTS: Record<GrammarName, () => Bytes> = {
  bash: () =>
    import("@vscode/tree-sitter-wasm/wasm/tree-sitter-bash.wasm", { with: { type: "bytes" } }),
  c: () => import("@repomix/tree-sitter-wasms/out/tree-sitter-c.wasm", { with: { type: "bytes" } }),
  cpp: () =>
    import("@vscode/tree-sitter-wasm/wasm/tree-sitter-cpp.wasm", { with: { type: "bytes" } }),
  csharp: () =>
    import("@vscode/tree-sitter-wasm/wasm/tree-sitter-c-sharp.wasm", { with: { type: "bytes" } }),
  dart: () =>
    import("@repomix/tree-sitter-wasms/out/tree-sitter-dart.wasm", { with: { type: "bytes" } }),
  go: () =>
    import("@vscode/tree-sitter-wasm/wasm/tree-sitter-go.wasm", { with: { type: "bytes" } }),
  java: () =>
    import("@vscode/tree-sitter-wasm/wasm/tree-sitter-java.wasm", { with: { type: "bytes" } }),
  javascript: () =>
    import("@vscode/tree-sitter-wasm/wasm/tree-sitter-javascript.wasm", {
      with: { type: "bytes" },
    }),
  php: () =>
    import("@vscode/tree-sitter-wasm/wasm/tree-sitter-php.wasm", { with: { type: "bytes" } }),
  powershell: () =>
    import("@vscode/tree-sitter-wasm/wasm/tree-sitter-powershell.wasm", {
      with: { type: "bytes" },
    }),
  python: () =>
    import("@vscode/tree-sitter-wasm/wasm/tree-sitter-python.wasm", { with: { type: "bytes" } }),
  ruby: () =>
    import("@vscode/tree-sitter-wasm/wasm/tree-sitter-ruby.wasm", { with: { type: "bytes" } }),
  rust: () =>
    import("@vscode/tree-sitter-wasm/wasm/tree-sitter-rust.wasm", { with: { type: "bytes" } }),
  swift: () =>
    import("@repomix/tree-sitter-wasms/out/tree-sitter-swift.wasm", { with: { type: "bytes" } }),
  tsx: () =>
    import("@vscode/tree-sitter-wasm/wasm/tree-sitter-tsx.wasm", { with: { type: "bytes" } }),
  typescript: () =>
    import("@vscode/tree-sitter-wasm/wasm/tree-sitter-typescript.wasm", {
      with: { type: "bytes" },
    }),
};

const loaded = new Map<GrammarName, Promise<Grammar>>();
let runtime: Promise<void> | undefined;

/** The grammar called `name`, loaded once for each worker. */
export function loadGrammar(name: GrammarName): Promise<Grammar> {
  let grammar = loaded.get(name);
  if (!grammar) loaded.set(name, grammar = load(name));
  return grammar;
}

async function load(name: GrammarName): Promise<Grammar> {
  await (runtime ??= start());
  const language = await Language.load((await IMPORTS[name]()).default);
  const parser = new Parser();
  parser.setLanguage(language);
  return { parser, query: new Query(language, queryOf(SYNTAX[name])) };
}

async function start(): Promise<void> {
  const core = await import("web-tree-sitter/web-tree-sitter.wasm", { with: { type: "bytes" } });
  await Parser.init({ wasmBinary: core.default });
}
