/**
 * How a workflow is named: `name`, `name@1.2.0`, `name@^1`, `name@sha256:…`.
 *
 * @module
 */
// @ts-types="@types/semver"
import semver from "semver";
import { InvalidInputError } from "../../core/errors.ts";

/** A version as it is chosen by. */
export interface VersionRow {
  /** SHA-256 (hex) of the package. */
  hash: string;
  version: string | null;
}

/** Shorter beginnings of a hash are too likely to mean another version as well. */
const PREFIX_CHARS_MIN = 8;
const NAME = /^[a-z][a-z0-9-]{0,127}$/;

/** Whether a workflow can have the name. */
export function isWorkflowName(name: string): boolean {
  return NAME.test(name);
}

/**
 * Name and version that a reference names.
 *
 * @throws {InvalidInputError} `WORKFLOW_NOT_FOUND` when no workflow can have the name
 */
export function parseReference(reference: string): { name: string; version: string | null } {
  const at = reference.indexOf("@");
  const name = at < 0 ? reference : reference.slice(0, at);
  if (!isWorkflowName(name)) throw workflowUnknown(name);
  return { name, version: at < 0 ? null : reference.slice(at + 1) };
}

/**
 * The version that is meant, of versions in the order of their registration.
 *
 * @param version semantic version, range, or hash; `null`: the last one
 * @returns `null` when none fits
 */
export function chooseVersion<Row extends VersionRow>(
  rows: readonly Row[],
  version: string | null,
): Row | null {
  if (version === null || version === "latest") return rows.at(-1) ?? null;
  const exact = rows.find((row) => row.version === version);
  if (exact !== undefined) return exact;
  return chooseByHash(rows, version) ?? chooseByRange(rows, version);
}

function chooseByHash<Row extends VersionRow>(rows: readonly Row[], text: string): Row | null {
  const prefix = text.startsWith("sha256:") ? text.slice(7) : text;
  if (prefix.length < PREFIX_CHARS_MIN || !/^[0-9a-f]{1,64}$/.test(prefix)) return null;
  const found = rows.filter(({ hash }) => hash.startsWith(prefix));
  return found.length === 1 ? found[0]! : null;
}

function chooseByRange<Row extends VersionRow>(rows: readonly Row[], range: string): Row | null {
  if (range.length > 256 || semver.validRange(range) === null) return null;
  const versions = rows.flatMap(({ version }) => version === null ? [] : [version]);
  const best = semver.maxSatisfying(versions, range);
  return best === null ? null : rows.findLast((row) => row.version === best) ?? null;
}

/** What to throw for a name that says nothing. */
export function workflowUnknown(name: string): InvalidInputError {
  return new InvalidInputError("WORKFLOW_NOT_FOUND", {
    message: `Found no workflow "${name.slice(0, 128)}"`,
    hint: "List the registered ones, or register it first",
    details: { workflow: name.slice(0, 128) },
  });
}

/** What to throw for a version that no registration fits. */
export function versionUnknown(
  name: string,
  version: string,
  known: readonly VersionRow[],
): InvalidInputError {
  const versions = known.flatMap((row) => row.version === null ? [] : [row.version]).slice(-5);
  return new InvalidInputError("WORKFLOW_VERSION_NOT_FOUND", {
    message: `Found no version "${version.slice(0, 128)}" of workflow "${name}"`,
    hint: versions.length === 0
      ? `Leave the version out, or name one by its hash; none of them states a version`
      : `Use one of: ${versions.join(", ")}; a range such as ^1; or the hash of one`,
    details: { workflow: name },
  });
}
