/**
 * A small language for the shape of a file: one description yields both the checks with places and
 * the JSON Schema for editors. A general validator knows neither where a value stands nor what
 * a beginner meant by it.
 *
 * @module
 */

/** What a value may be. */
export type Shape =
  | TextShape
  | { kind: "duration"; doc?: string }
  | { kind: "number"; isInteger: boolean; min: number; max?: number; doc?: string }
  | { kind: "boolean"; doc?: string }
  | { kind: "choice"; of: readonly string[]; doc?: string }
  | { kind: "list"; of: Shape; example?: string; doc?: string }
  | { kind: "record"; of: Shape; key: TextRule; min?: number; doc?: string }
  | ObjectShape
  /** Either of two that differ in YAML kind: a scalar in short, or an object. */
  | { kind: "either"; short: Shape; long: ObjectShape; doc?: string }
  /** CEL in `${{ }}` and nothing around it; `constant` also allows a value of that kind. */
  | { kind: "expression"; constant?: "boolean" | "list"; doc?: string }
  /** Any JSON; strings may hold `${{ }}`. `isObject`: an object, or one whole expression. */
  | { kind: "template"; isObject?: boolean; doc?: string }
  /** Any JSON, without expressions. */
  | { kind: "constants"; doc?: string }
  | { kind: "jsonSchema"; isObject?: boolean; doc?: string };

/** A rule for texts and keys. */
export interface TextRule {
  pattern: RegExp;
  /** As in "… is no `noun`". */
  noun: string;
  code: string;
  hint: string;
  /** Whether messages must not repeat the value. */
  isSecret?: boolean;
}

export interface TextShape {
  kind: "text";
  rule?: TextRule;
  /** A further check that a pattern cannot express: what is wrong, or `null`. */
  check?: (text: string) => string | null;
  /** Whether `${{ }}` may stand in it; the rule then holds for texts without one. */
  isTemplate?: boolean;
  doc?: string;
}

export interface ObjectShape {
  kind: "object";
  /** What it is, as in "a `noun`". */
  noun: string;
  members: Record<string, Shape>;
  required?: readonly string[];
  /** The member that a plain value was probably meant for. */
  shorthand?: string;
  /** Exactly one of these must be there. */
  oneOf?: {
    keys: readonly string[];
    /** What the keys tell, as in "it does not say `purpose`". */
    purpose: string;
    /** Codes of the issues when none is there, and when there are several. */
    missing: string;
    conflict: string;
  };
  doc?: string;
}

/** Spellings of other tools, and what they are called here. */
export const SYNONYMS: Readonly<Record<string, string>> = {
  after: "needs",
  args: "with",
  arguments: "with",
  capabilities: "capability",
  condition: "if",
  "continue-on-error": "continueOnError",
  cron: "schedule",
  depends: "needs",
  depends_on: "needs",
  dependsOn: "needs",
  each: "forEach",
  env: "with",
  environment: "env",
  execute: "run",
  files: "read",
  filesystem: "read",
  network: "net",
  system: "sys",
  expected: "estimate",
  file: "module",
  foreach: "forEach",
  for_each: "forEach",
  id: "name",
  inputs: "input",
  items: "forEach",
  jobs: "tasks",
  loop: "forEach",
  matrix: "forEach",
  "max-parallel": "maxParallel",
  memory: "memoryMb",
  onError: "continueOnError",
  outputs: "output",
  parallelism: "maxParallel",
  parameters: "with",
  params: "with",
  path: "module",
  requires: "needs",
  results: "output",
  retries: "retry",
  run: "agent",
  script: "module",
  sleep: "wait",
  steps: "tasks",
  strategy: "forEach",
  "timeout-minutes": "timeout",
  triggers: "on",
  tool: "uses",
  variables: "vars",
  when: "if",
  workers: "replicas",
};
