/**
 * Checks what no shape can say of a supervision tree: who is in it, and how often.
 *
 * @module
 */
import {
  checkDelays,
  type IssueList,
  itemsOf,
  type MapNode,
  memberOf,
  type Place,
  textOf,
  type TreeNode,
} from "../../core/document/mod.ts";
import { formatAddress, MAIN_KEY } from "../messages/mod.ts";
import { CHILDREN_MAX, SUPERVISORS_DEPTH_MAX } from "./format.ts";
import { type ActorNames, reportUnknownActor } from "./report_unknown_actor.ts";

/** Checks the tree of a file. */
export function checkTree(root: MapNode, names: ActorNames, issues: IssueList): void {
  const checker = new TreeChecker(names, issues);
  // The root of the tree has the name of the system.
  const system = root.entries.get("system");
  const name = textOf(system?.value);
  if (system !== undefined && name !== undefined) checker.supervisors.set(name, system.value);
  checker.checkSupervisor(memberOf(root, "supervisor"), 1);
}

class TreeChecker {
  /** Where each stands first. */
  readonly supervisors = new Map<string, Place>();
  readonly #addresses = new Map<string, Place>();
  #children = 0;

  constructor(readonly names: ActorNames, readonly issues: IssueList) {}

  checkSupervisor(supervisor: TreeNode | undefined, depth: number): void {
    checkDelays(memberOf(supervisor, "delay"), this.issues);
    const children = itemsOf(memberOf(supervisor, "children"));
    if (depth > SUPERVISORS_DEPTH_MAX && supervisor !== undefined) {
      this.issues.add(supervisor, {
        code: "NESTING_TOO_DEEP",
        message: `Cannot accept supervisors that nest more than ${SUPERVISORS_DEPTH_MAX} deep`,
        hint: "Make the tree flatter",
      });
      return;
    }
    for (const child of children) this.#checkChild(child, depth);
  }

  #checkChild(child: TreeNode, depth: number): void {
    if (child.kind === "list") return;
    if (child.kind === "scalar") {
      const name = textOf(child);
      if (name !== undefined) this.#checkShort(child, name);
    } else if (child.entries.has("supervisor") && !child.entries.has("actor")) {
      this.#checkName(memberOf(child, "supervisor")!);
      this.#count(child, 1);
      this.checkSupervisor(child, depth + 1);
    } else this.#checkActor(child);
  }

  #checkShort(child: TreeNode, name: string): void {
    const parts = /^(?:actor:\/\/)?([^/]+)\/(.+)$/.exec(name);
    if (parts !== null && this.names.has(parts[1]!)) {
      this.#count(child, 1);
      const [, actor, key] = parts;
      return this.issues.add(child, {
        code: "UNKNOWN_ACTOR",
        message: `Cannot find the actor "${name}": here stands the name alone`,
        hint: key === MAIN_KEY
          ? `Write ${actor}`
          : `Write { actor: ${actor}, key: ${JSON.stringify(key)} }`,
      });
    }
    this.#checkInstances(child, name, [MAIN_KEY]);
  }

  #checkActor(child: MapNode): void {
    const actor = memberOf(child, "actor");
    const key = child.entries.get("key");
    const count = child.entries.get("count");
    if (key !== undefined && count !== undefined) {
      this.issues.add(count.place, {
        code: "INVALID_COMBINATION",
        message: 'Cannot have "count" beside "key": one key names one instance',
        hint: 'Keep "key" for one instance, or "count" for the keys 1, 2, 3 and so on',
      });
      return this.#count(child, 1);
    }
    const name = textOf(actor);
    if (actor === undefined || name === undefined) return this.#count(child, 1);
    this.#checkInstances(
      actor,
      name,
      count === undefined ? [keyOf(key?.value)] : keysOf(count.value),
    );
  }

  #checkInstances(place: TreeNode, name: string, keys: readonly string[]): void {
    if (!this.names.has(name)) reportUnknownActor(place, name, this.names, this.issues);
    this.#count(place, keys.length);
    // Beyond the limit all may be twice: a few lines must not stand for hours of looking.
    if (this.#children > CHILDREN_MAX) return;
    const first = keys.map((key) => this.#addresses.get(formatAddress(name, key)));
    const at = first.findIndex((seen) => seen !== undefined);
    if (at >= 0) {
      const address = formatAddress(name, keys[at]!);
      this.#reportTwice(place, `the child ${address}`, first[at]!, "a key of its own");
    }
    for (const key of keys) this.#addresses.set(formatAddress(name, key), place);
  }

  #checkName(node: TreeNode): void {
    const name = textOf(node);
    if (name === undefined) return;
    const first = this.supervisors.get(name);
    if (first === undefined) this.supervisors.set(name, node);
    else this.#reportTwice(node, `the supervisor "${name}"`, first, "a name of its own");
  }

  #reportTwice(node: TreeNode, what: string, first: Place, own: string): void {
    this.issues.add(node, {
      code: "DUPLICATE_CHILD",
      message: `Cannot have ${what} twice: it is already ${this.issues.nameOf(first)}`,
      hint: `Remove one of the two, or give it ${own}`,
    });
  }

  /** Reports the child that is one too many, once. */
  #count(place: TreeNode, children: number): void {
    const before = this.#children;
    this.#children += children;
    if (before > CHILDREN_MAX || this.#children <= CHILDREN_MAX) return;
    this.issues.add(place, {
      code: "TOO_MANY_CHILDREN",
      message: `Cannot supervise more than ${CHILDREN_MAX} children in one tree`,
      hint: "Leave out those that their first message may start: actors need no supervisor: entry",
    });
  }
}

/** A key that is none counts as one that no other child has: it has an issue already. */
function keyOf(node: TreeNode | undefined): string {
  return node === undefined ? MAIN_KEY : textOf(node) ?? `*${node.pointer}`;
}

function keysOf(count: TreeNode): string[] {
  const value = count.kind === "scalar" ? count.value : null;
  const isCount = Number.isInteger(value) && Number(value) >= 1 && Number(value) <= CHILDREN_MAX;
  return isCount ? Array.from({ length: Number(value) }, (_, i) => String(i + 1)) : [];
}
