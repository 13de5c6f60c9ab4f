/**
 * Checks who a task names, and what goes together in `assign` and `reuse`.
 *
 * @module
 */
import semver from "semver";
import {
  type Finding,
  hintFrom,
  type IssueList,
  itemsOf,
  type MapEntry,
  memberOf,
  textOf,
  type TreeNode,
} from "../core/document/mod.ts";

/** Ways to settle a task that several agents want, or do. */
const CONTESTS: readonly string[] = ["auction", "vote", "judge", "merge"];

/** Agents that tasks may name. */
export class KnownAgents {
  /** Of the file, and registered ones by name. */
  readonly names: ReadonlySet<string>;
  readonly #versions: ReadonlyMap<string, string[]>;

  /** @param registered `name`, or `name@version` */
  constructor(own: readonly string[], registered: readonly string[]) {
    const versions = new Map<string, string[]>();
    for (const reference of registered) {
      const [name, version] = splitReference(reference);
      const known = versions.getOrInsertComputed(name, () => []);
      if (version !== null) known.push(version);
    }
    this.names = new Set([...own, ...versions.keys()]);
    this.#versions = versions;
  }

  /** What is wrong with naming that agent, or `null`. */
  check(reference: string): Finding | null {
    const [name, range] = splitReference(reference);
    const code = "UNKNOWN_AGENT";
    if (range !== null && semver.validRange(range) === null) {
      const message = `Cannot read "${range}" as a range of versions`;
      return { code: "INVALID_VERSION", message, hint: `Write ${name}@^1 or ${name}@1.2.0` };
    }
    if (!this.names.has(name)) {
      const message = `Cannot find the agent "${name}"`;
      return { code, message, hint: this.#hintFor(name) };
    }
    if (range === null) return null;
    const versions = this.#versions.get(name);
    if (versions === undefined) {
      const message = `Cannot find a version of "${name}": it belongs to this file`;
      return { code, message, hint: `Write ${name}` };
    }
    const options = { includePrerelease: true };
    if (versions.length === 0 || semver.maxSatisfying(versions, range, options) !== null) {
      return null;
    }
    const message = `Cannot find the agent "${name}" in a version "${range}"`;
    return { code, message, hint: `Registered: ${versions.join(", ")}` };
  }

  #hintFor(name: string): string {
    if (this.names.size > 0) return hintFrom(name, [...this.names], "agents");
    return `Add it to the file: agents: { ${name}: { module: ./${name}.ts } }`;
  }
}

function splitReference(reference: string): [name: string, range: string | null] {
  const at = reference.indexOf("@");
  return at < 0 ? [reference, null] : [reference.slice(0, at), reference.slice(at + 1)];
}

/** Reports agents that are named and not known. */
export function checkAgents(task: TreeNode, known: KnownAgents, issues: IssueList): void {
  const assign = memberOf(task, "assign");
  const places = [
    memberOf(task, "agent"),
    memberOf(memberOf(task, "fallback"), "agent"),
    memberOf(memberOf(task, "compensate"), "agent"),
    memberOf(memberOf(assign, "judge"), "by"),
    memberOf(memberOf(assign, "merge"), "by"),
  ];
  for (const node of places) {
    const name = textOf(node);
    const finding = name === undefined ? null : known.check(name);
    if (finding !== null) issues.add(node!, finding);
  }
  // Who is not there now may be registered later, or was removed: the task itself is right.
  for (const key of ["pin", "deny"]) {
    for (const node of itemsOf(memberOf(assign, key))) {
      const finding = known.check(textOf(node) ?? "");
      if (finding !== null) issues.add(node, { ...finding, severity: "warning" });
    }
  }
}

/** Reports keys of `assign` and `reuse` that exclude each other. */
export function checkAssign({ key, value }: MapEntry, issues: IssueList): void {
  if (value.kind !== "map") return;
  const assign = value.entries.get("assign")?.value;
  const ways = assign?.kind !== "map" ? [] : [...assign.entries.values()]
    .filter((entry) => CONTESTS.includes(entry.key));
  for (const { key: other, place } of ways.slice(1)) {
    issues.add(place, {
      code: "INVALID_COMBINATION",
      message: `Cannot settle ${key} by "${ways[0]!.key}" and by "${other}"`,
      hint: `Use one of ${CONTESTS.join(", ")}`,
    });
  }
  const contest = ways.find((entry) => entry.key !== "auction");
  if (contest !== undefined && value.entries.has("repeat")) {
    issues.add(value.entries.get("repeat")!.place, {
      code: "INVALID_COMBINATION",
      message: `Cannot repeat ${key}: several agents do it in each round ("${contest.key}")`,
      hint: `Remove repeat or assign.${contest.key}`,
    });
  }
  checkReuse({ key, value }, issues);
}

/** What an agent did is known by what it was asked for. */
function checkReuse({ key, value }: Pick<MapEntry, "key" | "value">, issues: IssueList): void {
  if (value.kind !== "map" || !value.entries.has("reuse") || !value.entries.has("agent")) return;
  const agent = textOf(value.entries.get("agent")!.value);
  issues.add(value.entries.get("reuse")!.place, {
    code: "INVALID_COMBINATION",
    message: `Cannot reuse results in ${key}: it names an agent instead of a capability`,
    hint: `Name the capability, and the agent by assign: { pin: [${agent}] }`,
  });
}
