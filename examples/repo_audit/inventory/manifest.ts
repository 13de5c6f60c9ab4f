/**
 * What a reader of manifests gives back.
 *
 * @module
 */
import type { Dependency, Project } from "../audit_types.ts";

/** A dependency as one file names it. */
export type Named = Omit<Dependency, "manifest" | "licence" | "range" | "version"> & {
  version?: string | null;
  range?: string | null;
  licence?: string | null;
};

/** The content of one manifest or lock file. */
export interface Manifest {
  project?: Omit<Project, "source">;
  dependencies: Named[];
}

/** Reads the text of one kind of manifest; throws when it is not of that form. */
export type ManifestReader = (text: string) => Manifest;

/** A value out of parsed JSON, TOML or XML, whose shape is anybody's guess. */
export type Loose = unknown;

/** `value` as an object; an empty one when it is none. */
export function asRecord(value: Loose): Record<string, Loose> {
  const isRecord = typeof value === "object" && value !== null && !Array.isArray(value);
  return isRecord ? value as Record<string, Loose> : {};
}

/** `value` as a list: itself, or a list of it alone; empty for nothing. */
export function asList(value: Loose): Loose[] {
  return Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
}

/** `value` as a text that says something; `null` when it is none. */
export function asText(value: Loose): string | null {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value.trim() !== "" ? value.trim() : null;
}
