/**
 * The format of actor system files, as data: `parse_system.ts` checks files against it, and
 * `docs/actor-system.schema.json` is generated from it.
 *
 * @module
 */
import {
  backoffShape,
  choice,
  type DocumentFormat,
  duration,
  integer,
  list,
  moduleRule,
  object,
  permissionsShape,
  type Shape,
  text,
  type TextRule,
  type TextShape,
  type VariantShape,
} from "../../core/document/mod.ts";
import { formatAddress, isTagList, LANES, parseAddress } from "../messages/mod.ts";
import { isTopicPattern } from "../topics/mod.ts";

/** Actors of one file; each may have any number of instances. */
const ACTORS_MAX = 1_000;

/** Children of all supervisors together. */
export const CHILDREN_MAX = 10_000;

/** Supervisors within each other, the root included. */
export const SUPERVISORS_DEPTH_MAX = 16;

const SYSTEM_NAME: TextRule = {
  pattern: /^[a-z][a-z0-9-]{0,63}$/,
  noun: "system name",
  code: "INVALID_NAME",
  hint: "Use at most 64 small letters, digits and hyphens, beginning with a letter: file-index",
};

/** As in addresses: see `actors/messages/address.ts`. */
const ACTOR_NAME: TextRule = {
  ...SYSTEM_NAME,
  noun: "actor name",
  hint: "Use at most 64 small letters, digits and hyphens, beginning with a letter: word-counter",
};

const SUPERVISOR_NAME: TextRule = {
  ...SYSTEM_NAME,
  noun: "supervisor name",
  hint: "Use at most 64 small letters, digits and hyphens, beginning with a letter: worker-pool",
};

/** As `isMessageType` of `actors/messages/message.ts`. */
const MESSAGE_TYPE: TextRule = {
  pattern: /^[a-zA-Z$][\w.$-]{0,127}$/,
  noun: "message type",
  code: "INVALID_NAME",
  hint: "Write the name of a message as the actor declares it: increment",
};

/** A path segment that no file system and no terminal takes for something else. */
const KEY_NAME: TextRule = {
  pattern: /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
  noun: "name of a key",
  code: "INVALID_NAME",
  hint: "Name a key of the key ring, never write the key here: team-a",
  isSecret: true,
};

const GROUP_NAME: TextRule = {
  pattern: /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
  noun: "name of a group",
  code: "INVALID_NAME",
  hint: "Use at most 64 letters, digits, dots, hyphens and underscores: counters",
};

/** As a member of `isTagList` of `actors/messages/message.ts`. */
const TAG: TextShape = {
  ...text("A tag."),
  check: (tag) =>
    tag.trim() === "" || isTagList([tag]) ? null : {
      problem: "a tag has 1 to 64 printable characters",
      hint: "Write a word: urgent",
    },
};

const MODULE = moduleRule("./actors/counter.ts");

/** As `isTopicPattern` of `actors/topics/pattern.ts`, but for what a pattern cannot count. */
const TOPIC_RULE: TextRule = {
  pattern: /^(\*\*?|[a-z0-9_-]+)(\.(\*\*?|[a-z0-9_-]+))*$/,
  noun: "topic",
  code: "INVALID_TOPIC",
  hint: "Write small words joined by dots; * for one word, ** for any number: orders.*",
};

const TOPIC_PATTERN: TextShape = {
  ...text(
    "Words joined by dots; * stands for one word, ** for any number of them.",
    TOPIC_RULE,
    '"orders.*"',
  ),
  check: (pattern) =>
    isTopicPattern(pattern) || !TOPIC_RULE.pattern.test(pattern) ? null : {
      problem: "it is longer than 256 characters or 32 words, or has more than four **",
      hint: "Shorten it",
    },
};

/** As the keys of `parseAddress` of `actors/messages/address.ts`. */
const KEY: TextShape = {
  ...text("Names the instance. Default main."),
  check: (key) => {
    const address = parseAddress(formatAddress("a", key));
    return !("problem" in address) ? null : {
      problem: "a key has 1 to 256 visible characters without spaces and *",
      hint: "Write a word: team-a",
    };
  },
};

/** What is no pattern of addresses is found by `check_addresses.ts`. */
const SENDERS = (doc: string): Shape =>
  list(text("external, or an address; * may end its name and its key."), doc, '["actor://name/*"]');

/** A duration that one timer measures: those of JavaScript end after 24.8 days. */
const timer = (doc: string): Shape => ({ kind: "duration", max: "24d", doc });

const PERMISSIONS = permissionsShape({
  isTemplate: false,
  startFolder: "the folder the system is started from",
  doc: "What the actor may reach. Anything that is not listed is denied.",
});

const DELIVER = object("delivery policy", {
  maxAttempts: integer(1, 1_000, "Attempts in all. Default 5."),
  backoff: backoffShape("30s"),
  poisonAfter: integer(
    1,
    1_000,
    "Crashes of its actor after which a message is parked as poison. Default 3.",
  ),
}, {
  doc: "How durable messages are tried again before they become dead letters.",
  shorthand: "maxAttempts",
});

const ACTOR = object("actor", {
  module: text("Path of the module, relative to this file.", MODULE, "./actors/NAME.ts"),
  permissions: PERMISSIONS,
  isolation: choice(
    "shared: one cell holds many activations; own: a cell for each. Default shared.",
    "shared",
    "own",
  ),
  replicas: object("replica range", {
    min: integer(0, 1_000, "Cells kept warm. Default 0."),
    max: integer(1, 1_000, "Cells at most. Default 2."),
  }, { doc: "How many cells." }),
  memoryMb: integer(16, 65_536, "Memory of one cell. Default 256."),
  mailbox: object("mailbox", {
    messages: integer(1, 1_000_000, "Messages that may wait. Default 1000."),
    chars: integer(
      1,
      1_073_741_824,
      "Characters of all payloads that may wait, as JSON text. Default 8388608.",
    ),
  }, {
    doc: "What may wait for one activation; beyond it the answer is OVERLOADED.",
    shorthand: "messages",
  }),
  timeout: {
    kind: "either",
    doc: "Time limits; a plain duration limits the handling of one message.",
    short: timer("Limit of the handling of one message."),
    long: object("time-out", {
      handle: timer("For one message. Default 30s."),
      heartbeat: timer("Longest silence of a cell before it is killed. Default 5s."),
    }),
  },
  idle: timer("An activation without messages for so long is passivated. Default 60s."),
  rate: object("rate", {
    messages: integer(1, 1_000_000, "Messages in each period.", "10"),
    per: { kind: "duration", max: "1d", doc: "The period. Default 1s." },
    burst: integer(1, 1_000_000, "Messages at once after a pause. Default: those of a period."),
  }, {
    required: ["messages"],
    doc: "How many messages each address takes; beyond it the answer is RATE_LIMITED.",
    shorthand: "messages",
  }),
  accept: object("access rule", {
    from: SENDERS("Who may send. Left out: everybody in the system, and external."),
    messages: list(text("A type.", MESSAGE_TYPE), "Types that come through.", "[increment]"),
  }, { doc: "Who may send what. Left out: everybody in the system, and external." }),
  deliver: DELIVER,
  encrypt: object("encryption", {
    key: text("Name of the key in the key ring.", KEY_NAME, "NAME"),
  }, {
    required: ["key"],
    doc: "Payloads are encrypted from end to end with AES-256-GCM.",
    shorthand: "key",
  }),
  mayStopSystem: {
    kind: "boolean",
    doc: "Whether it may stop the whole system: ctx.stopSystem(). Default false.",
  },
  with: { kind: "constants", doc: "Options of the actor: ctx.options." },
}, { required: ["module"], shorthand: "module", doc: "An actor of this system." });

const STRATEGY = choice(
  "Who is restarted with a child that crashed. Default one_for_one.",
  "one_for_one",
  "one_for_all",
  "rest_for_one",
);

const RESTART = choice(
  "When the child is restarted: always, after a crash only, or never. Default permanent.",
  "permanent",
  "transient",
  "temporary",
);

const shutdown = (standard: string): Shape => ({
  kind: "duration",
  max: "24d",
  words: ["kill", "infinity"],
  doc: `How long it may take to stop before it is killed; kill: at once. Default ${standard}.`,
});

/** Also what a supervisor within another has. */
const SUPERVISOR_MEMBERS: Record<string, Shape> = {
  strategy: STRATEGY,
  intensity: object("intensity", {
    restarts: integer(0, 1_000_000, "Restarts that are allowed. Default 3."),
    within: duration("In this time. Default 5s."),
  }, {
    doc: "Beyond it the supervisor gives up, and its own supervisor decides.",
    shorthand: "restarts",
  }),
  delay: object("restart delay", {
    initial: { kind: "duration", isZeroAllowed: true, doc: "Before the first. Default 0ms." },
    factor: { kind: "number", isInteger: false, min: 1, max: 100, doc: "Growth. Default 2." },
    max: { kind: "duration", isZeroAllowed: true, doc: "Longest delay. Default 30s." },
  }, { doc: "How long a restart waits.", shorthand: "initial" }),
  children: list(
    { kind: "reference", name: "child", of: () => CHILD },
    "Actors and supervisors, in the order in which they are started.",
    "[counter]",
  ),
};

/** The two kinds of children that are written as objects. */
const CHILD_OBJECT: VariantShape = {
  kind: "variant",
  purpose: "who it is",
  of: {
    actor: object("child", {
      actor: text("An actor of this file.", undefined, "NAME"),
      key: KEY,
      count: integer(1, CHILDREN_MAX, "Instances with the keys 1, 2, 3 and so on."),
      restart: RESTART,
      shutdown: shutdown("5s"),
    }, { required: ["actor"] }),
    supervisor: object("supervisor", {
      supervisor: text("Its name.", SUPERVISOR_NAME, "NAME"),
      ...SUPERVISOR_MEMBERS,
      restart: RESTART,
      shutdown: shutdown("infinity"),
    }, { required: ["supervisor", "children"] }),
  },
};

const CHILD: Shape = {
  kind: "either",
  doc: "An actor by name, an actor with its key or count, or a supervisor.",
  short: text("An actor of this file: its instance main."),
  long: CHILD_OBJECT,
};

const TOPIC = object("topic", {
  name: TOPIC_PATTERN,
  retain: object("retention", {
    messages: integer(0, 1_000_000, "Messages that are kept. Default 1000."),
    chars: integer(1, 1_073_741_824, "Characters of their payloads. Default 8388608."),
    age: duration("How long they are kept. Default: as long as there is room."),
  }, { doc: "How much of the history is kept. Left out: nothing.", shorthand: "messages" }),
  durable: { kind: "boolean", doc: "Whether messages survive a crash. Default false." },
  publish: SENDERS("Who may publish. Left out: everybody in the system, and external."),
}, { required: ["name"], shorthand: "name" });

const SUBSCRIPTION = object("subscription", {
  topic: TOPIC_PATTERN,
  to: text("Address of an actor.", undefined, "actor://NAME/main"),
  message: text("Type of the message that each becomes. Default event.", MESSAGE_TYPE),
  group: text("Of all subscriptions of a group, each message goes to one.", GROUP_NAME),
  tags: list(TAG, "Only messages with one of these tags. Left out: all.", "[urgent]"),
  lane: choice("Lane of the messages. Default: that of the publisher.", ...LANES),
}, { required: ["topic", "to"] });

/** A whole file. */
export const SYSTEM = object("system", {
  system: text("Small letters, digits and hyphens.", SYSTEM_NAME, "my-system"),
  description: text("What the system does."),
  actors: {
    kind: "record",
    of: ACTOR,
    key: ACTOR_NAME,
    min: 1,
    max: ACTORS_MAX,
    doc: "Actors, by name.",
  },
  resident: integer(
    1,
    1_000_000,
    "Activations at once; beyond it the least recently used are passivated. Default 1000.",
  ),
  supervisor: object("supervisor", SUPERVISOR_MEMBERS, {
    doc: "The root of the supervision tree. Without it, actors are started by their messages.",
  }),
  topics: list(TOPIC, "Topics with history or rules."),
  subscriptions: list(SUBSCRIPTION, "Who gets what is published."),
  deduplicate: object("de-duplication window", {
    window: duration("How long a message's id is remembered. Default 10m."),
    ids: integer(1, 100_000_000, "Ids at most. Default 100000."),
  }, { doc: "A message that comes again within it is not handled again." }),
}, { required: ["system", "actors"] });

/** Spellings of other tools, and what they are called here. */
const SYNONYMS: Readonly<Record<string, string>> = {
  access: "accept",
  address: "to",
  agents: "actors",
  after: "delay",
  allow: "accept",
  args: "with",
  backpressure: "mailbox",
  backoff: "delay",
  bytes: "chars",
  channel: "topic",
  channels: "topics",
  consumerGroup: "group",
  dedupe: "deduplicate",
  delivery: "deliver",
  encryption: "encrypt",
  file: "module",
  files: "read",
  filesystem: "read",
  history: "retain",
  id: "key",
  interval: "per",
  limit: "rate",
  maxRestarts: "restarts",
  max_restarts: "restarts",
  max_seconds: "within",
  maxSeconds: "within",
  memory: "memoryMb",
  name: "system",
  network: "net",
  options: "with",
  passivate: "idle",
  path: "module",
  pattern: "name",
  period: "within",
  persistent: "durable",
  publishers: "publish",
  queue: "mailbox",
  rateLimit: "rate",
  recipient: "to",
  retention: "retain",
  retry: "deliver",
  script: "module",
  size: "messages",
  stop: "shutdown",
  subscribe: "subscriptions",
  supervision: "supervisor",
  supervisors: "supervisor",
  system: "sys",
  throttle: "rate",
  ttl: "age",
  type: "message",
  workers: "replicas",
};

/** What actor system files are checked against. */
export const FORMAT: DocumentFormat = { shape: SYSTEM, synonyms: SYNONYMS };
