import { ACCESS_ERRORS } from "./access.ts";
import { ACTOR_ERRORS } from "./actors.ts";
import { AGENT_ERRORS } from "./agents.ts";
import { ATTEMPT_ERRORS } from "./attempts.ts";
import { COMMAND_ERRORS } from "./commands.ts";
import { CONTROL_ERRORS } from "./control.ts";
import { DEFINITION_ERRORS } from "./definitions.ts";
import { type CatalogueEntry, entry } from "./entry.ts";
import { EXPRESSION_ERRORS } from "./expressions.ts";
import { FILE_ERRORS } from "./files.ts";
import { HTTP_ERRORS } from "./http.ts";
import { MESSAGE_ERRORS } from "./messages.ts";
import { NODE_ERRORS } from "./nodes.ts";
import { PACKAGE_ERRORS } from "./packages.ts";
import { RUN_ERRORS } from "./runs.ts";
import { STORAGE_ERRORS } from "./storage.ts";
import { STORED_VALUE_ERRORS } from "./stored_values.ts";
import { SUPERVISION_ERRORS } from "./supervision.ts";
import { SYSTEM_ERRORS } from "./systems.ts";

/** What may come from anywhere. */
const BUGS = {
  INTERNAL: entry(
    "invariant",
    "Denizen itself broke a promise: a bug.",
    "Please report it with the command and the message. `runs resume` continues what was running.",
    { severity: "fatal" },
  ),
} satisfies Record<string, CatalogueEntry>;

/** The codes of each area, in the order of `docs/errors.md`; no code is in two of them. */
export const AREAS = {
  attempts: ATTEMPT_ERRORS,
  files: FILE_ERRORS,
  definitions: DEFINITION_ERRORS,
  expressions: EXPRESSION_ERRORS,
  commands: COMMAND_ERRORS,
  runs: RUN_ERRORS,
  systems: SYSTEM_ERRORS,
  packages: PACKAGE_ERRORS,
  storage: STORAGE_ERRORS,
  nodes: NODE_ERRORS,
  messages: MESSAGE_ERRORS,
  storedValues: STORED_VALUE_ERRORS,
  bugs: BUGS,
  supervision: SUPERVISION_ERRORS,
  actors: ACTOR_ERRORS,
  control: CONTROL_ERRORS,
  access: ACCESS_ERRORS,
  agents: AGENT_ERRORS,
  http: HTTP_ERRORS,
} satisfies Record<string, Record<string, CatalogueEntry>>;

/** Every code, in the order of `docs/errors.md`. */
export const ERRORS: Readonly<Record<string, CatalogueEntry>> = Object.assign(
  {},
  ...Object.values(AREAS),
);
