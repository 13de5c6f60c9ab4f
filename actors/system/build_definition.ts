/**
 * Turns a checked system into a definition: defaults applied, durations in milliseconds.
 *
 * @module
 */
import { entriesOf, memberOf, toPlain, type TreeNode } from "../../core/document/mod.ts";
import { parseDurationMs } from "../../core/duration.ts";
import type { Backoff } from "../../core/retry.ts";
import { DEFAULT_DELIVERY, DEFAULT_LIMITS } from "../delivery/mod.ts";
import { noPermissions } from "../permissions.ts";
import {
  type ActorChildSpec,
  type ChildSpec,
  completeActorChild,
  type RestartDelay,
  type Shutdown,
  SUPERVISION_DEFAULTS,
  type SupervisorSpec,
} from "../supervision/mod.ts";
import { EVENT_TYPE } from "../topics/mod.ts";
import type { ActorSpec, SubscriptionSpec, SystemDefinition, TopicSpec } from "./definition.ts";
import type {
  ActorChildInput,
  ActorInput,
  ChildInput,
  DelayInput,
  SubscriptionInput,
  SupervisorChildInput,
  SupervisorInput,
  SystemInput,
  TopicInput,
} from "./input.ts";

/** The definition of a system without errors. */
export function buildDefinition(root: TreeNode): SystemDefinition {
  // The shape was checked node by node before: see format.ts.
  const input = toPlain(root) as unknown as SystemInput;
  // In the order of the file. An object of JavaScript would put "10" before "a".
  const actors = entriesOf(memberOf(root, "actors"));
  return {
    name: input.system,
    ...given("description", input.description),
    actors: actors.map(({ key, value }) =>
      buildActor(key, toPlain(value) as unknown as ActorInput)
    ),
    residentMax: input.resident ?? 1_000,
    supervisor: buildSupervisor(input.system, input.supervisor ?? {}),
    topics: (input.topics ?? []).map(buildTopic),
    subscriptions: (input.subscriptions ?? []).map(buildSubscription),
    deduplicate: {
      windowMs: toMs(input.deduplicate?.window, DEFAULT_LIMITS.windowMs),
      idsMax: input.deduplicate?.ids ?? DEFAULT_LIMITS.idsMax,
    },
  };
}

/** A member only where there is a value, so that equal files have equal canonical text. */
function given<K extends string, V>(key: K, value: V | undefined): { [key in K]?: V } {
  return value === undefined ? {} : { [key]: value } as { [key in K]: V };
}

function toMs(text: string | undefined, standardMs: number): number {
  return text === undefined ? standardMs : parseDurationMs(text)!;
}

function buildActor(name: string, input: ActorInput): ActorSpec {
  const { mailbox, rate } = input;
  const limits = typeof input.timeout === "string" ? { handle: input.timeout } : input.timeout;
  return {
    name,
    module: input.module,
    permissions: { ...noPermissions(), ...input.permissions },
    isolation: input.isolation ?? "shared",
    replicas: { min: 0, max: 2, ...input.replicas },
    memoryMb: input.memoryMb ?? 256,
    mailbox: {
      messagesMax: mailbox?.messages ?? 1_000,
      charsMax: mailbox?.chars ?? 8 * 1024 * 1024,
    },
    timeout: {
      handleMs: toMs(limits?.handle, 30_000),
      heartbeatMs: toMs(limits?.heartbeat, 5_000),
    },
    idleMs: toMs(input.idle, 60_000),
    ...given(
      "rate",
      rate && {
        messages: rate.messages,
        perMs: toMs(rate.per, 1_000),
        burst: rate.burst ?? rate.messages,
      },
    ),
    ...given("accept", input.accept),
    deliver: {
      maxAttempts: input.deliver?.maxAttempts ?? DEFAULT_DELIVERY.maxAttempts,
      backoff: buildBackoff(input.deliver?.backoff),
      poisonAfter: input.deliver?.poisonAfter ?? DEFAULT_DELIVERY.poisonAfter,
    },
    ...given("encrypt", input.encrypt),
    ...given("mayStopSystem", input.mayStopSystem === true ? true as const : undefined),
    options: input.with ?? {},
  };
}

function buildBackoff(input: NonNullable<ActorInput["deliver"]>["backoff"]): Backoff {
  const { jitter } = DEFAULT_DELIVERY.backoff;
  return {
    ...buildDelay(input, DEFAULT_DELIVERY.backoff),
    jitter: input?.jitter ?? jitter,
  };
}

/** A first delay that is longer than the longest one of the defaults stands for both. */
function buildDelay(input: DelayInput | undefined, standard: RestartDelay): RestartDelay {
  const maxMs = toMs(input?.max, standard.maxMs);
  const initialMs = toMs(input?.initial, Math.min(standard.initialMs, maxMs));
  return {
    initialMs,
    factor: input?.factor ?? standard.factor,
    maxMs: Math.max(initialMs, maxMs),
  };
}

function buildSupervisor(name: string, input: SupervisorInput): SupervisorSpec {
  const { strategy, intensity, delay } = SUPERVISION_DEFAULTS;
  return {
    name,
    strategy: input.strategy ?? strategy,
    intensity: {
      restarts: input.intensity?.restarts ?? intensity.restarts,
      periodMs: toMs(input.intensity?.within, intensity.periodMs),
    },
    delay: buildDelay(input.delay, delay),
    children: (input.children ?? []).flatMap(buildChildren),
  };
}

function buildChildren(input: ChildInput): ChildSpec[] {
  if (typeof input === "string") return [completeActorChild({ actor: input })];
  if ("supervisor" in input) return [buildSupervisorChild(input)];
  if (input.count === undefined) return [buildActorChild(input, input.key)];
  return Array.from({ length: input.count }, (_, i) => buildActorChild(input, String(i + 1)));
}

function buildActorChild(input: ActorChildInput, key: string | undefined): ActorChildSpec {
  const { actor, restart, shutdown } = input;
  return completeActorChild({
    actor,
    key,
    restart,
    shutdownMs: shutdown === undefined ? undefined : toShutdown(shutdown),
  });
}

function buildSupervisorChild(input: SupervisorChildInput): ChildSpec {
  const { restart, supervisorShutdownMs } = SUPERVISION_DEFAULTS;
  return {
    kind: "supervisor",
    id: input.supervisor,
    supervisor: buildSupervisor(input.supervisor, input),
    restart: input.restart ?? restart,
    shutdownMs: input.shutdown === undefined ? supervisorShutdownMs : toShutdown(input.shutdown),
  };
}

function toShutdown(text: string): Shutdown {
  return text === "kill" || text === "infinity" ? text : parseDurationMs(text)!;
}

function buildTopic(input: TopicInput): TopicSpec {
  const { retain } = input;
  return {
    pattern: input.name,
    retain: {
      messagesMax: retain === undefined ? 0 : retain.messages ?? 1_000,
      charsMax: retain?.chars ?? 8 * 1024 * 1024,
      ageMs: retain?.age === undefined ? null : parseDurationMs(retain.age),
    },
    durable: input.durable ?? false,
    ...given("publish", input.publish),
  };
}

function buildSubscription(input: SubscriptionInput): SubscriptionSpec {
  const { topic, to, message, group, tags, lane } = input;
  return {
    topic,
    to,
    message: message ?? EVENT_TYPE,
    ...given("group", group),
    ...given("tags", tags),
    ...given("lane", lane),
  };
}
