/**
 * Maven's `pom.xml`.
 *
 * @module
 */
import { XMLParser } from "fast-xml-parser";
import type { Dependency } from "../../audit_types.ts";
import { asList, asRecord, asText, type Loose, type Manifest, type Named } from "../manifest.ts";

const KINDS: Record<string, Dependency["kind"]> = {
  test: "dev",
  provided: "build",
  system: "build",
};

/** Reads a `pom.xml`; properties that the file itself defines are filled in. */
export function readPom(text: string): Manifest {
  const parser = new XMLParser({
    ignoreAttributes: true,
    parseTagValue: false,
    processEntities: false,
  });
  const project = asRecord(asRecord(parser.parse(text, true)).project);
  const fill = filler(project);
  const managed = asRecord(asRecord(project.dependencyManagement).dependencies);
  const versions = new Map(
    asList(managed.dependency).map((one) => [coordinates(one, fill), fill(asRecord(one).version)]),
  );
  const dependencies = asList(asRecord(project.dependencies).dependency).map((one): Named => {
    const name = coordinates(one, fill);
    const range = fill(asRecord(one).version) ?? versions.get(name) ?? null;
    const isExact = range !== null && !/[[(,$]/.test(range);
    const kind = asRecord(one).optional === "true"
      ? "optional"
      : KINDS[asText(asRecord(one).scope) ?? ""] ?? "runtime";
    return { ecosystem: "maven", name, range, version: isExact ? range : null, kind, direct: true };
  });
  const licences = asList(asRecord(project.licenses).license)
    .map((one) => asText(asRecord(one).name)).filter((name) => name !== null);
  return {
    project: {
      name: coordinates(project, fill),
      version: fill(project.version) ?? fill(asRecord(project.parent).version),
      licence: licences.length === 0 ? null : licences.join(" OR "),
    },
    dependencies,
  };
}

/** Fills in `${name}` from the file's properties; leaves what it does not know. */
function filler(project: Record<string, Loose>): (value: Loose) => string | null {
  const properties = asRecord(project.properties);
  const own: Record<string, Loose> = {
    "project.version": project.version ?? asRecord(project.parent).version,
    "project.groupId": project.groupId ?? asRecord(project.parent).groupId,
  };
  return (value) =>
    asText(value)?.replace(/\$\{([^}]+)\}/g, (whole, name: string) => (
      asText(properties[name] ?? own[name]) ?? whole
    )) ?? null;
}

function coordinates(value: Loose, fill: (value: Loose) => string | null): string {
  const { groupId, artifactId, parent } = asRecord(value);
  const group = fill(groupId) ?? fill(asRecord(parent).groupId);
  return [group, fill(artifactId)].filter((part) => part !== null).join(":");
}
