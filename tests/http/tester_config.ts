import type { Filled } from "./fill_node.ts";

/** Statuses that a request may get though it fits its schema: they are about more than its form. */
const ACCEPTED = ["2xx", "3xx", 401, 403, 404, 409, 412, 422, 428];

/** Statuses of what does not fit its schema. */
const REJECTED = [400, 401, 403, 404, 405, 406, 409, 413, 415, 422, 428];

/**
 * Lists, whose cursors no schema can describe; routes that take either of two members, check names
 * against each other, or keep a number of things at most.
 */
const MORE_THAN_FORM = [
  "listRuns",
  "listWorkflows",
  "listWorkflowVersions",
  "listRunLogs",
  "listDeadLetters",
  "listAuditEntries",
  "listKeys",
  "createKey",
  "followRun",
  "saveView",
  "submitRun",
  "registerAgent",
];

/** Which dictionary a parameter takes its values from. */
const DICTIONARY_OF: Readonly<Record<string, keyof Filled>> = {
  runId: "runs",
  taskId: "tasks",
  letterId: "letters",
  system: "systems",
  keyId: "keys",
};

/** What Schemathesis is told, as TOML. @param filled what is there; `null`: nothing */
export function testerConfig(filled: Filled | null): string {
  return [
    // Streams are answered as pages: they would go on for ever.
    operation("followRun", 'headers = { Accept = "application/json" }'),
    ...MORE_THAN_FORM.map((id) =>
      operation(
        id,
        `checks.positive_data_acceptance.expected-statuses = ${list([...ACCEPTED, 400])}`,
      )
    ),
    // A body that is too long by its schema may be too large to be looked at.
    `[checks]\nnegative_data_rejection.expected-statuses = ${
      list(REJECTED)
    }\npositive_data_acceptance.expected-statuses = ${list(ACCEPTED)}`,
    ...(filled === null ? [] : dictionaries(filled)),
  ].join("\n\n") + "\n";
}

function operation(id: string, text: string): string {
  return `[[operations]]\ninclude-operation-id = "${id}"\n${text}`;
}

/** Most requests ask for what there is. */
function dictionaries(filled: Filled): string[] {
  return [
    ...Object.entries(filled).map(([name, values]) =>
      `[dictionaries.${name}]\nvalues = ${list(values)}`
    ),
    "[parameters]\n" + Object.entries(DICTIONARY_OF)
      .map(([parameter, name]) => `"path.${parameter}" = ${drawnFrom(name)}`).join("\n"),
    ...["Workflows", "Views", "Agents"].map((tag) =>
      `[[operations]]\ninclude-tag = "${tag}"\nparameters."path.name" = ${
        drawnFrom(tag.toLowerCase())
      }`
    ),
  ];
}

function drawnFrom(dictionary: string): string {
  return `{ dictionary = "${dictionary}", probability = 0.8 }`;
}

function list(values: readonly (string | number)[]): string {
  return JSON.stringify(values);
}
