/**
 * Supervision trees as plain data, with the words of OTP's `supervisor`.
 *
 * @module
 */

/** Which children are restarted when one of them has to be. */
export type Strategy = "one_for_one" | "one_for_all" | "rest_for_one";

/**
 * Whether a child is restarted after it ended: `permanent` always, `transient` after a crash,
 * `temporary` never (its specification goes with it).
 */
export type RestartType = "permanent" | "transient" | "temporary";

/**
 * How a child is stopped: asked, then killed after that many milliseconds; `kill` without asking;
 * `infinity`: asked and waited for.
 */
export type Shutdown = number | "kill" | "infinity";

/** More than `restarts` restarts within `periodMs`: the supervisor gives up. */
export interface Intensity {
  /** 0 or more. */
  restarts: number;
  /** 1 or more. */
  periodMs: number;
}

/** How long a restart waits: doubled (`factor`) with each failure in a row. */
export interface RestartDelay {
  /** Before the first restart; 0 means none. */
  initialMs: number;
  /** 1 or more. */
  factor: number;
  /** The longest wait. */
  maxMs: number;
}

/** A supervisor and what hangs below it. Children start left to right and stop right to left. */
export interface SupervisorSpec {
  /** Unique in the tree. */
  name: string;
  /** Who is restarted with a child that has to be. */
  strategy: Strategy;
  /** When it gives up. */
  intensity: Intensity;
  /** How long restarts wait. */
  delay: RestartDelay;
  /** Left to right. */
  children: ChildSpec[];
}

/** An actor at a fixed address. */
export interface ActorChildSpec {
  /** Tells the two kinds of children apart. */
  kind: "actor";
  /** Unique in the tree; `actor/key` unless it was given one. */
  id: string;
  /** Name of the actor's definition. */
  actor: string;
  /** Names the instance. */
  key: string;
  /** Whether it is restarted. */
  restart: RestartType;
  /** How it is stopped. */
  shutdownMs: Shutdown;
}

/** A supervisor below another one. */
export interface SupervisorChildSpec {
  /** Tells the two kinds of children apart. */
  kind: "supervisor";
  /** The name of `supervisor`. */
  id: string;
  /** What is below. */
  supervisor: SupervisorSpec;
  /** Whether it is restarted when it gave up. */
  restart: RestartType;
  /** After this time all that is left below it is killed. */
  shutdownMs: Shutdown;
}

/** One child of a supervisor. */
export type ChildSpec = ActorChildSpec | SupervisorChildSpec;

/** OTP's defaults, but 3 restarts in 5 s where OTP has 1, and a restart delay that can grow. */
export const SUPERVISION_DEFAULTS = {
  strategy: "one_for_one",
  intensity: { restarts: 3, periodMs: 5_000 },
  delay: { initialMs: 0, factor: 2, maxMs: 30_000 },
  restart: "permanent",
  actorShutdownMs: 5_000,
  supervisorShutdownMs: "infinity",
  key: "main",
} as const;

/** An actor child with only what differs from the defaults. */
export interface ActorChildInput {
  actor: string;
  key?: string;
  id?: string;
  restart?: RestartType;
  shutdownMs?: Shutdown;
}

/** A supervisor child with only what differs from the defaults. */
export interface SupervisorChildInput {
  supervisor: SupervisorInput;
  restart?: RestartType;
  shutdownMs?: Shutdown;
}

/** A tree with only what differs from the defaults. */
export interface SupervisorInput {
  name: string;
  strategy?: Strategy;
  intensity?: Partial<Intensity>;
  delay?: Partial<RestartDelay>;
  children: (ActorChildInput | SupervisorChildInput)[];
}

/** Fills in the defaults at every depth. Checks nothing: see {@linkcode checkSupervisor}. */
export function completeSupervisor(input: SupervisorInput): SupervisorSpec {
  return {
    name: input.name,
    strategy: input.strategy ?? SUPERVISION_DEFAULTS.strategy,
    intensity: { ...SUPERVISION_DEFAULTS.intensity, ...input.intensity },
    delay: { ...SUPERVISION_DEFAULTS.delay, ...input.delay },
    children: input.children.map((child) =>
      "actor" in child ? completeActorChild(child) : completeSupervisorChild(child)
    ),
  };
}

/** Fills in the defaults of an actor child. */
export function completeActorChild(input: ActorChildInput): ActorChildSpec {
  const key = input.key ?? SUPERVISION_DEFAULTS.key;
  return {
    kind: "actor",
    id: input.id ?? `${input.actor}/${key}`,
    actor: input.actor,
    key,
    restart: input.restart ?? SUPERVISION_DEFAULTS.restart,
    shutdownMs: input.shutdownMs ?? SUPERVISION_DEFAULTS.actorShutdownMs,
  };
}

function completeSupervisorChild(input: SupervisorChildInput): SupervisorChildSpec {
  return {
    kind: "supervisor",
    id: input.supervisor.name,
    supervisor: completeSupervisor(input.supervisor),
    restart: input.restart ?? SUPERVISION_DEFAULTS.restart,
    shutdownMs: input.shutdownMs ?? SUPERVISION_DEFAULTS.supervisorShutdownMs,
  };
}

/** What is wrong with a tree, and where. */
export interface SpecificationIssue {
  /** `DUPLICATE_CHILD` or `INVALID_SUPERVISOR`. */
  code: string;
  /** JSON pointer (RFC 6901) into the specification of the root. */
  pointer: string;
  message: string;
  hint: string;
}

/** All that is wrong with a tree; nothing when {@linkcode SupervisorSpec} holds as documented. */
export function checkSupervisor(root: SupervisorSpec): SpecificationIssue[] {
  const issues: SpecificationIssue[] = [];
  const seen: Seen = { ids: new Set([root.name]), addresses: new Set() };
  visit(root, "", seen, issues);
  return issues;
}

interface Seen {
  ids: Set<string>;
  addresses: Set<string>;
}

function visit(
  spec: SupervisorSpec,
  pointer: string,
  seen: Seen,
  issues: SpecificationIssue[],
): void {
  issues.push(...checkNumbers(spec, pointer));
  for (const [at, child] of spec.children.entries()) {
    const place = `${pointer}/children/${at}`;
    issues.push(...checkChild(child, place), ...checkUnique(child, place, seen));
    if (child.kind === "supervisor") visit(child.supervisor, `${place}/supervisor`, seen, issues);
  }
}

function checkNumbers(spec: SupervisorSpec, pointer: string): SpecificationIssue[] {
  const { intensity, delay } = spec;
  const rules: [path: string, isFine: boolean, wanted: string][] = [
    ["/name", spec.name !== "", "a name"],
    ["/intensity/restarts", isWhole(intensity.restarts, 0), "a whole number, 0 or more"],
    ["/intensity/periodMs", isWhole(intensity.periodMs, 1), "whole milliseconds, 1 or more"],
    ["/delay/initialMs", isWhole(delay.initialMs, 0), "whole milliseconds, 0 or more"],
    ["/delay/factor", Number.isFinite(delay.factor) && delay.factor >= 1, "1 or more"],
    ["/delay/maxMs", isWhole(delay.maxMs, delay.initialMs), "at least delay.initialMs"],
  ];
  return rules.filter(([, isFine]) => !isFine)
    .map(([path, , wanted]) => invalid(spec.name, pointer + path, wanted));
}

function checkChild(child: ChildSpec, pointer: string): SpecificationIssue[] {
  const { shutdownMs } = child;
  const isShutdown = shutdownMs === "kill" || shutdownMs === "infinity" || isWhole(shutdownMs, 0);
  const wanted = 'whole milliseconds, "kill" or "infinity"';
  const issues = isShutdown ? [] : [invalid(child.id, `${pointer}/shutdownMs`, wanted)];
  if (child.id === "") issues.push(invalid(child.id, `${pointer}/id`, "a name"));
  if (child.kind === "supervisor" && child.id !== child.supervisor.name) {
    issues.push(invalid(child.id, `${pointer}/id`, "the supervisor's name"));
  }
  return issues;
}

function checkUnique(child: ChildSpec, pointer: string, seen: Seen): SpecificationIssue[] {
  const issues: SpecificationIssue[] = [];
  if (seen.ids.has(child.id)) issues.push(duplicate(child.id, `${pointer}/id`));
  seen.ids.add(child.id);
  if (child.kind === "supervisor") return issues;
  const address = addressOf(child);
  if (seen.addresses.has(address)) issues.push(duplicate(address, `${pointer}/key`));
  seen.addresses.add(address);
  return issues;
}

/** Where the actor of a child is found: `actor://name/key`. */
export function addressOf({ actor, key }: { actor: string; key: string }): string {
  return `actor://${actor}/${key}`;
}

function isWhole(value: number, min: number): boolean {
  return Number.isSafeInteger(value) && value >= min;
}

function duplicate(name: string, pointer: string): SpecificationIssue {
  return {
    code: "DUPLICATE_CHILD",
    pointer,
    message: `Cannot supervise "${name}" twice in one tree`,
    hint: "Give each child an id and a key of its own",
  };
}

function invalid(name: string, pointer: string, wanted: string): SpecificationIssue {
  return {
    code: "INVALID_SUPERVISOR",
    pointer,
    message: `Cannot accept "${pointer}" of "${name}"`,
    hint: `Write ${wanted}`,
  };
}
