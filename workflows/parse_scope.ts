/**
 * What expressions may name, by where they stand.
 *
 * @module
 */
import { entriesOf, itemsOf, memberOf, type TreeNode } from "../core/document/mod.ts";
import type { StaticType } from "../rules/mod.ts";

/** What an expression sees. */
export interface Scope {
  /** How messages call the place, as in "in `where`". */
  where: string;
  names: ReadonlySet<string>;
  /** The task whose needs decide which outputs are there; absent means all. */
  task?: string;
  hasStatusFunctions?: boolean;
  /** What the value must be. */
  wanted?: StaticType;
}

/** Everything that an expression can name anywhere. */
export const NAMES: readonly string[] = [
  "input",
  "tasks",
  "item",
  "index",
  "event",
  "run",
  "vars",
  "output",
  "results",
  "secrets",
];

/** Where names that are not everywhere can be used. */
export const PLACES_OF_NAMES: Readonly<Record<string, string>> = {
  item: "Use it in a task that has forEach",
  index: "Use it in a task that has forEach",
  output: "Use it in repeat.until; elsewhere write tasks.ID.output",
  results: "Use it in assign.merge.value; elsewhere write tasks.ID.output",
  event: 'Use it in the "if" of a trigger, and in tasks',
  tasks: "Use it in tasks and in output; nothing has run yet here",
  secrets: "Use it in with: of a plugin's tool (uses:); an agent never sees a secret",
};

const EVERYWHERE = ["input", "vars", "run", "event"];

/** Names that are there before a task runs. */
export const START_NAMES: ReadonlySet<string> = new Set(EVERYWHERE);

/** Names for a task; `extra` depends on the place within it. */
export function taskNames(...extra: string[]): ReadonlySet<string> {
  return new Set([...EVERYWHERE, "tasks", ...extra]);
}

/** The properties that a schema lists, when it allows no others; `null` when others may be. */
export function closedProperties(
  schema: TreeNode | undefined,
  isRoot: boolean,
): Map<string, TreeNode> | null {
  if (schema?.kind !== "map") return null;
  const open = ["patternProperties", "$ref", "allOf", "anyOf", "oneOf", "if", "dependentSchemas"];
  if (open.some((key) => schema.entries.has(key))) return null;
  const additional = memberOf(schema, "additionalProperties");
  const isClosed = additional === undefined
    ? isRoot
    : additional.kind === "scalar" && additional.value === false;
  const properties = memberOf(schema, "properties");
  if (!isClosed || (properties !== undefined && properties.kind !== "map")) return null;
  return new Map(entriesOf(properties).map(({ key, value }) => [key, value]));
}

/** The schema at a path of properties, or `undefined` where that is not certain. */
export function schemaAt(
  schema: TreeNode | undefined,
  path: readonly string[],
): TreeNode | undefined {
  return path.reduce<TreeNode | undefined>(
    (at, name) => memberOf(memberOf(at, "properties"), name),
    schema,
  );
}

const TYPE_NAMES: Record<string, StaticType> = {
  string: "text",
  number: "number",
  integer: "number",
  boolean: "truth value",
  array: "list",
  object: "object",
  null: "null",
};

/** The type that a schema demands. */
export function typeOfSchema(schema: TreeNode | undefined): StaticType {
  const type = memberOf(schema, "type");
  const only = type?.kind === "list" && type.items.length === 1 ? itemsOf(type)[0] : type;
  return only?.kind === "scalar" ? TYPE_NAMES[String(only.value)] ?? "unknown" : "unknown";
}
