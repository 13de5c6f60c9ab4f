/**
 * A small language for the shape of a file: one description yields both the checks with places and
 * the JSON Schema for editors. A general validator knows neither where a value stands nor what
 * a beginner meant by it.
 *
 * @module
 */
import type { JsonObject } from "../json.ts";
import type { IssueList } from "./issue_list.ts";
import type { TreeNode } from "./tree_node.ts";

/** What a value may be. */
export type Shape =
  | TextShape
  | DurationShape
  | NumberShape
  | { kind: "boolean"; doc?: string }
  | { kind: "choice"; of: readonly string[]; doc?: string }
  | { kind: "list"; of: Shape; example?: string; doc?: string }
  | { kind: "record"; of: Shape; key: TextRule; min?: number; max?: number; doc?: string }
  | ObjectShape
  /** Either of two that differ in YAML kind: a scalar in short, or an object. */
  | { kind: "either"; short: Shape; long: ObjectShape | VariantShape; doc?: string }
  | VariantShape
  /** A shape that has a name of its own in the JSON Schema, so that it can stand within itself. */
  | { kind: "reference"; name: string; of: () => Shape }
  /** An object of any JSON. */
  | { kind: "constants"; doc?: string }
  | SpecialShape
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

/** A number from `min` to `max`. */
export interface NumberShape {
  kind: "number";
  isInteger: boolean;
  min: number;
  max?: number;
  /** What a beginner may begin with. */
  example?: string;
  doc?: string;
}

/** A length of time; more than nothing unless `isZeroAllowed`. */
export interface DurationShape {
  kind: "duration";
  isZeroAllowed?: boolean;
  /** The longest one, as it would be written. */
  max?: string;
  /** Words that may stand instead. */
  words?: readonly string[];
  doc?: string;
}

/** What only one format has. */
export interface SpecialShape {
  kind: "special";
  check: (node: TreeNode, name: string, issues: IssueList) => void;
  schema: JsonObject;
  example?: string;
  doc?: string;
}

export interface TextShape {
  kind: "text";
  /** What a beginner may begin with. */
  example?: string;
  rule?: TextRule;
  /** A further check that a pattern cannot express: what is wrong, or `null`. */
  check?: (text: string) => Mistake | null;
  /** Whether `${{ }}` may stand in it; the rule then holds for texts without one. */
  isTemplate?: boolean;
  doc?: string;
}

/** What is wrong with a text. */
export interface Mistake {
  /** As in `Cannot accept cron "x": problem`. */
  problem: string;
  /** What to write instead. */
  hint: string;
}

/** One of several objects: each has a key that only it has, and that tells it from the others. */
export interface VariantShape {
  kind: "variant";
  /** By the key that tells. */
  of: Readonly<Record<string, ObjectShape>>;
  /** What the keys tell, as in "it does not say `purpose`". */
  purpose: string;
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
