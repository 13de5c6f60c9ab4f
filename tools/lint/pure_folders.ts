/**
 * The law of the pure folders: what decides takes time, randomness and ids as arguments, and leaves
 * every effect to `runtime/`. So a decision can be replayed, simulated and tested as data.
 *
 * @module
 */
import { isAbsolute, join, relative } from "node:path";

/** Folders that touch no effect. */
export const PURE_FOLDERS: readonly string[] = ["core", "rules", "workflows", "actors", "plugins"];

const REPO = join(import.meta.dirname!, "../..");

/** Global names whose mere use reaches the world, a clock, or a later turn of the event loop. */
const EFFECT_GLOBALS = new Set([
  "BroadcastChannel",
  "Deno",
  "EventSource",
  "Function",
  "Promise",
  "WebSocket",
  "Worker",
  "XMLHttpRequest",
  "caches",
  "console",
  "crypto",
  "eval",
  "fetch",
  "globalThis",
  "localStorage",
  "navigator",
  "performance",
  "process",
  "queueMicrotask",
  "require",
  "self",
  "sessionStorage",
  "setImmediate",
  "setInterval",
  "setTimeout",
  "window",
]);

/** Members that do so on objects that are otherwise pure. */
const EFFECT_MEMBERS = new Set([
  "AbortSignal.timeout",
  "Atomics.wait",
  "Atomics.waitAsync",
  "Date.now",
  "Math.random",
  "Temporal.Now",
]);

/** Built-in modules without effects, with the only names that may be taken from them. */
const PURE_BUILTINS: Readonly<Record<string, readonly string[] | "all">> = {
  "node:assert": "all",
  "node:assert/strict": "all",
  "node:buffer": ["Buffer"],
  "node:crypto": ["createHash"],
  "node:path/posix": "all",
};

/** Whether the law holds for this file; tests may do what they like. */
export function isPureFile(path: string): boolean {
  const fromRoot = isAbsolute(path) ? relative(REPO, path) : path;
  return PURE_FOLDERS.includes(fromRoot.split("/")[0]!) && !/_test\.tsx?$/.test(fromRoot);
}

/** Refuses clocks, timers, randomness, I/O and `await` in the pure folders. */
export const pureFolders: Deno.lint.Rule = {
  create(context) {
    if (!isPureFile(context.filename)) return {};
    const refuse = (node: Deno.lint.Node, what: string) =>
      context.report({
        node,
        message: `Cannot accept ${what} in a pure folder`,
        hint: "Take the value as an argument, or move this to runtime/",
      });
    return { ...statements(refuse), ...references(refuse, context.sourceCode) };
  },
};

type Refuse = (node: Deno.lint.Node, what: string) => void;

function statements(refuse: Refuse): Deno.lint.LintVisitor {
  const refuseAsync = (node: { async: boolean } & Deno.lint.Node) => {
    if (node.async) refuse(node, "an async function");
  };
  return {
    AwaitExpression: (node) => refuse(node, '"await"'),
    ImportExpression: (node) => refuse(node, 'a dynamic "import()"'),
    ForOfStatement: (node) => node.await && refuse(node, '"for await"'),
    FunctionDeclaration: refuseAsync,
    FunctionExpression: refuseAsync,
    ArrowFunctionExpression: refuseAsync,
    ImportDeclaration(node) {
      if (node.importKind !== "type") checkImport(node, refuse);
    },
    NewExpression(node) {
      if (isNamed(node.callee, "Date") && node.arguments.length === 0) {
        refuse(node, '"new Date()" without an argument');
      }
    },
    CallExpression(node) {
      if (isNamed(node.callee, "Date")) refuse(node, '"Date()"');
    },
  };
}

function checkImport(node: Deno.lint.ImportDeclaration, refuse: Refuse): void {
  const specifier = node.source.value;
  if (!specifier.startsWith("node:")) return;
  const allowed = PURE_BUILTINS[specifier];
  if (allowed === "all") return;
  const names = node.specifiers.map((one) =>
    one.type === "ImportSpecifier" && one.imported.type === "Identifier" ? one.imported.name : "*"
  );
  const foreign = allowed === undefined ? specifier : names.find((name) => !allowed.includes(name));
  if (foreign !== undefined) refuse(node, `"${foreign}" of "${specifier}"`);
}

function references(
  refuse: Refuse,
  source: Deno.lint.SourceCode,
): Deno.lint.LintVisitor {
  const declared = new Set<string>();
  const used: Deno.lint.Identifier[] = [];
  return {
    Identifier(node) {
      if (isDeclaration(node)) declared.add(node.name);
      else if (EFFECT_GLOBALS.has(node.name) && isReference(node)) used.push(node);
    },
    MemberExpression(node) {
      const text = source.getText(node).replace(/\s|\?/g, "").replace(/\["(\w+)"\]/g, ".$1");
      if (EFFECT_MEMBERS.has(text)) refuse(node, `"${text}"`);
    },
    "Program:exit"() {
      for (const node of used) {
        if (!declared.has(node.name)) refuse(node, `"${node.name}"`);
      }
    },
  };
}

/** Whether this names a local thing, so that the global of that name is hidden in the file. */
function isDeclaration(node: Deno.lint.Identifier): boolean {
  const parent = node.parent as { type: string; id?: unknown; local?: unknown; params?: unknown[] };
  switch (parent.type) {
    case "VariableDeclarator":
    case "FunctionDeclaration":
    case "FunctionExpression":
    case "ArrowFunctionExpression":
    case "ClassDeclaration":
      return parent.id === node || parent.params?.includes(node) === true;
    case "ImportSpecifier":
    case "ImportDefaultSpecifier":
      return parent.local === node;
    default:
      return false;
  }
}

/** Whether the identifier is read as a value, not a key, a member's name or a type. */
function isReference(node: Deno.lint.Identifier): boolean {
  const parent = node.parent as {
    type: string;
    key?: unknown;
    property?: unknown;
    computed?: boolean;
    shorthand?: boolean;
  };
  if (parent.type === "MemberExpression") return parent.property !== node || !!parent.computed;
  if (["TSTypeReference", "ImportSpecifier", "ExportSpecifier"].includes(parent.type)) return false;
  if (parent.type === "TSQualifiedName") return node.name === "Deno";
  return parent.key !== node || parent.shorthand === true || parent.computed === true;
}

function isNamed(node: Deno.lint.Node, name: string): boolean {
  return node.type === "Identifier" && node.name === name;
}
