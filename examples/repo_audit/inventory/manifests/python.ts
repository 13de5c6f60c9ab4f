/**
 * Python's `requirements*.txt` and `pyproject.toml` (PEP 508, 621 and 735, and Poetry's tables).
 *
 * @module
 */
import { parse } from "smol-toml";
import type { Dependency } from "../../audit_types.ts";
import { asList, asRecord, asText, type Loose, type Manifest, type Named } from "../manifest.ts";

/** Reads a requirements file. Options and references to other files are left out. */
export function readRequirements(text: string): Manifest {
  const lines = text.replace(/\\\r?\n/g, " ").split(/\r?\n/);
  return {
    dependencies: lines.flatMap((line) => requirement(line.replace(/(^|\s)#.*$/, ""), "runtime")),
  };
}

/** `requests[security]>=2,<3 ; python_version < "3.9"`; nothing for an option or a bare path. */
function requirement(line: string, kind: Dependency["kind"]): Named[] {
  const found =
    /^\s*([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*(@\s*\S+|[(=<>!~][^;#]*?)?\s*(?:;.*|--.*)?$/
      .exec(line);
  if (!found) return [];
  const range = found[2]?.replace(/^\(|\)$/g, "").replace(/\s+--.*$/, "").trim() ?? null;
  return [{
    ecosystem: "python",
    name: normalName(found[1]!),
    version: /^===?\s*([\w.!+-]+)$/.exec(range ?? "")?.[1] ?? null,
    range: range === "" ? null : range,
    kind,
    direct: true,
  }];
}

/** Names are compared without regard to case and to `-`, `_` and `.` (PEP 503). */
function normalName(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, "-");
}

/** Reads a `pyproject.toml`. */
export function readPyproject(text: string): Manifest {
  const parsed = asRecord(parse(text));
  const project = asRecord(parsed.project);
  const poetry = asRecord(asRecord(parsed.tool).poetry);
  const all = (lists: Loose, kind: Dependency["kind"]) =>
    Object.values(asRecord(lists)).flatMap((list) => fromList(list, kind));
  return {
    project: {
      name: asText(project.name) ?? asText(poetry.name),
      version: asText(project.version) ?? asText(poetry.version),
      licence: licenceOf(project) ?? asText(poetry.license),
    },
    dependencies: [
      ...fromList(project.dependencies, "runtime"),
      ...all(project["optional-dependencies"], "optional"),
      ...all(parsed["dependency-groups"], "dev"),
      ...fromList(asRecord(parsed["build-system"]).requires, "build"),
      ...fromPoetry(poetry),
    ],
  };
}

function fromList(list: Loose, kind: Dependency["kind"]): Named[] {
  return asList(list).flatMap((line) => (typeof line === "string" ? requirement(line, kind) : []));
}

function fromPoetry(poetry: Record<string, Loose>): Named[] {
  const table = (entries: Loose, kind: Dependency["kind"]) =>
    Object.entries(asRecord(entries)).filter(([name]) => name !== "python").map(
      ([name, value]): Named => ({
        ecosystem: "python",
        name: normalName(name),
        range: asText(value) ?? asText(asRecord(value).version),
        kind: asRecord(value).optional === true ? "optional" : kind,
        direct: true,
      }),
    );
  return [
    ...table(poetry.dependencies, "runtime"),
    ...table(poetry["dev-dependencies"], "dev"),
    ...Object.values(asRecord(poetry.group)).flatMap((group) =>
      table(asRecord(group).dependencies, "dev")
    ),
  ];
}

function licenceOf(project: Record<string, Loose>): string | null {
  const declared = asText(project.license);
  if (declared) return declared;
  const classifier = asList(project.classifiers).map(asText)
    .find((one) => one?.startsWith("License :: "));
  const text = asText(asRecord(project.license).text);
  return (text && text.length <= 60 ? text : null) ?? classifier?.split(" :: ").at(-1) ?? null;
}
