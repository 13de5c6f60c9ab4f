/**
 * Which capability is narrower than which: a task that asks for `text.summarise` may be done by
 * whoever offers `text.summarise.legal`, if that says `isA: text.summarise`.
 *
 * @module
 */
import { InvalidInputError } from "../../core/errors.ts";

/** What a manifest says of one capability: `from` is narrower than `to`, or a part of it. */
export interface CapabilityEdge {
  from: string;
  kind: "isA" | "partOf";
  to: string;
}

/** What all manifests say; repetitions are harmless, order does not matter. */
export type CapabilityEdges = readonly CapabilityEdge[];

/** A capability by which something can be learnt of another. */
export interface Kin {
  capability: string;
  /** Steps of `isA` between the two; 0 for itself. */
  distance: number;
  way: "same" | "wider" | "narrower";
}

/** Steps of `isA` that are followed. */
const DEPTH_MAX = 8;

/** The order of capabilities by `isA`; `partOf` is kept for the graph and orders nothing. */
export class CapabilityTree {
  readonly #wider = new Map<string, Set<string>>();
  readonly #narrower = new Map<string, Set<string>>();
  readonly #kin = new Map<string, readonly Kin[]>();
  readonly #edgesOf = new Map<string, CapabilityEdge[]>();
  /** Sorted, each once. */
  readonly edges: CapabilityEdges;

  /** @throws {InvalidInputError} `CAPABILITY_LOOP` where a capability would be narrower than itself. */
  constructor(edges: CapabilityEdges = []) {
    const loop = findCapabilityLoop(edges);
    if (loop !== null) throw loopError(loop);
    this.edges = sortEdges(edges);
    for (const edge of this.edges) {
      const { from, kind, to } = edge;
      for (const name of [from, to]) {
        const others = this.#edgesOf.get(name);
        if (others === undefined) this.#edgesOf.set(name, [edge]);
        else others.push(edge);
      }
      if (kind !== "isA") continue;
      addTo(this.#wider, from, to);
      addTo(this.#narrower, to, from);
    }
  }

  /**
   * The capability itself, those that it is a case of and those that are cases of it, eight steps
   * far; nearest first, then by name. Siblings are no kin: they tell nothing of each other.
   */
  kin(capability: string): readonly Kin[] {
    const known = this.#kin.get(capability);
    if (known !== undefined) return known;
    const kin: Kin[] = [
      { capability, distance: 0, way: "same" },
      ...walk(capability, this.#wider, "wider"),
      ...walk(capability, this.#narrower, "narrower"),
    ];
    kin.sort((a, b) => a.distance - b.distance || compareText(a.capability, b.capability));
    if (this.#wider.has(capability) || this.#narrower.has(capability)) {
      this.#kin.set(capability, kin);
    }
    return kin;
  }

  /** Whether who offers `narrow` can do what asks for `wide`: also when they are the same. */
  isNarrower(narrow: string, wide: string): boolean {
    if (narrow === wide) return true;
    if (!this.#wider.has(narrow) || !this.#narrower.has(wide)) return false;
    return this.kin(narrow).some((kin) => kin.way === "wider" && kin.capability === wide);
  }

  /** The capability and all that are cases of it: whoever offers one of them can do it. */
  narrower(capability: string): string[] {
    return this.kin(capability).filter((kin) => kin.way !== "wider").map((kin) => kin.capability);
  }

  /** Whether any manifest relates it to another one. */
  has(capability: string): boolean {
    return this.#edgesOf.has(capability);
  }

  /** What is declared of the capability, or of others with regard to it. */
  edgesOf(capability: string): CapabilityEdges {
    return this.#edgesOf.get(capability) ?? [];
  }

  /** Capabilities that are a part of it, one step. */
  partsOf(capability: string): string[] {
    return this.edgesOf(capability)
      .filter(({ kind, to }) => kind === "partOf" && to === capability)
      .map(({ from }) => from);
  }

  /** The capability and all that it is a case of. */
  wider(capability: string): string[] {
    return this.kin(capability).filter((kin) => kin.way !== "narrower").map((kin) =>
      kin.capability
    );
  }
}

/** The edges that manifests declare, from `{ name: { isA, partOf } }` of each. */
export function capabilityEdgesOf(
  capabilities: Iterable<readonly [string, { isA: readonly string[]; partOf: readonly string[] }]>,
): CapabilityEdge[] {
  const edges: CapabilityEdge[] = [];
  for (const [from, { isA, partOf }] of capabilities) {
    for (const to of isA) edges.push({ from, kind: "isA", to });
    for (const to of partOf) edges.push({ from, kind: "partOf", to });
  }
  return edges;
}

/**
 * The capabilities of a ring, from its smallest name on and ending with it again, such as
 * `["a", "b", "a"]`; `null` without one. Rings of `isA` and of `partOf` are looked for apart.
 */
export function findCapabilityLoop(edges: CapabilityEdges): string[] | null {
  for (const kind of ["isA", "partOf"] as const) {
    const targets = new Map<string, Set<string>>();
    for (const edge of sortEdges(edges)) {
      if (edge.kind === kind) addTo(targets, edge.from, edge.to);
    }
    const ring = findRing(targets);
    if (ring !== null) return ring;
  }
  return null;
}

/** Depth first with an own stack: a chain of any length overflows nothing. */
function findRing(targets: ReadonlyMap<string, ReadonlySet<string>>): string[] | null {
  const done = new Set<string>();
  for (const start of targets.keys()) {
    if (done.has(start)) continue;
    const path: string[] = [start];
    const onPath = new Set(path);
    const open = [targets.get(start)!.values()];
    while (open.length > 0) {
      const next = open.at(-1)!.next();
      if (next.done === true) {
        open.pop();
        const left = path.pop()!;
        onPath.delete(left);
        done.add(left);
      } else if (onPath.has(next.value)) {
        return fromSmallest(path.slice(path.indexOf(next.value)));
      } else if (!done.has(next.value)) {
        path.push(next.value);
        onPath.add(next.value);
        open.push((targets.get(next.value) ?? new Set<string>()).values());
      }
    }
  }
  return null;
}

function fromSmallest(ring: readonly string[]): string[] {
  const smallest = ring.reduce((best, name, at) => name < ring[best]! ? at : best, 0);
  return [...ring.slice(smallest), ...ring.slice(0, smallest), ring[smallest]!];
}

function walk(from: string, step: ReadonlyMap<string, Set<string>>, way: Kin["way"]): Kin[] {
  const found = new Map<string, Kin>();
  let border = [from];
  for (let distance = 1; distance <= DEPTH_MAX && border.length > 0; distance++) {
    const next = new Set(border.flatMap((name) => [...step.get(name) ?? []]));
    border = [...next].filter((name) => !found.has(name));
    for (const capability of border) found.set(capability, { capability, distance, way });
  }
  return [...found.values()];
}

function loopError(loop: readonly string[]): InvalidInputError {
  return new InvalidInputError("CAPABILITY_LOOP", {
    message: `Cannot accept a capability that is narrower than itself: ${
      loop.slice(0, 8).map((name) => `"${name.slice(0, 80)}"`).join(" → ")
    }${loop.length > 8 ? " → …" : ""}`,
    hint: "Remove one of these `isA` or `partOf` lines from the manifests",
    details: { loop: loop.slice(0, 64) },
  });
}

function sortEdges(edges: CapabilityEdges): CapabilityEdge[] {
  const each = new Map(
    edges.map(({ from, kind, to }) => [JSON.stringify([from, kind, to]), { from, kind, to }]),
  );
  return [...each.values()].sort((a, b) =>
    compareText(a.from, b.from) || compareText(a.kind, b.kind) || compareText(a.to, b.to)
  );
}

function addTo(map: Map<string, Set<string>>, key: string, value: string): void {
  const set = map.get(key);
  if (set === undefined) map.set(key, new Set([value]));
  else set.add(value);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
