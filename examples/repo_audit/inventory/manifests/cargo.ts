/**
 * Rust's `Cargo.toml` and `Cargo.lock`.
 *
 * @module
 */
import { parse } from "smol-toml";
import type { Dependency } from "../../audit_types.ts";
import { asList, asRecord, asText, type Loose, type Manifest, type Named } from "../manifest.ts";

const SECTIONS: [string, Dependency["kind"]][] = [
  ["dependencies", "runtime"],
  ["dev-dependencies", "dev"],
  ["build-dependencies", "build"],
];

/** Reads a `Cargo.toml`, with the tables for single targets and those of the workspace. */
export function readCargoToml(text: string): Manifest {
  const parsed = asRecord(parse(text));
  const workspace = asRecord(parsed.workspace);
  const crate = { ...asRecord(workspace.package), ...asRecord(parsed.package) };
  const tables = [parsed, workspace, ...Object.values(asRecord(parsed.target)).map(asRecord)];
  const dependencies = tables.flatMap((table) =>
    SECTIONS.flatMap(([section, kind]) =>
      Object.entries(asRecord(table[section])).map((entry) => fromEntry(entry, kind))
    )
  );
  const { name, version, license } = crate;
  return {
    project: { name: asText(name), version: asText(version), licence: asText(license) },
    dependencies,
  };
}

function fromEntry([key, value]: [string, Loose], kind: Dependency["kind"]): Named {
  const table = asRecord(value);
  const range = asText(value) ?? asText(table.version) ?? asText(table.git) ?? asText(table.path);
  return {
    ecosystem: "cargo",
    name: asText(table.package) ?? key,
    range,
    kind: table.optional === true ? "optional" : kind,
    direct: true,
  };
}

/** Reads a `Cargo.lock`; the crates of the workspace itself have no source and are left out. */
export function readCargoLock(text: string): Manifest {
  const packages = asList(asRecord(parse(text)).package).map(asRecord);
  const dependencies = packages.filter(({ source }) => source !== undefined).map((one): Named => ({
    ecosystem: "cargo",
    name: asText(one.name) ?? "",
    version: asText(one.version),
    kind: "runtime",
    direct: false,
  }));
  return { dependencies };
}
