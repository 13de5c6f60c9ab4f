import { type CatalogueEntry, entry, TRANSIENT } from "./entry.ts";

/** What the control plane says of workflows, runs and saved views. */
export const CONTROL_ERRORS = {
  WORKFLOW_NOT_FOUND: entry(
    "invalid_input",
    "No workflow is registered under this name.",
    "Register it first, or send its definition along with the run.",
  ),
  AGENT_AMBIGUOUS: entry(
    "invalid_input",
    "Several workflows, or several tenants, have an agent of the name.",
    "Name it with its workflow (`WORKFLOW/NAME`, or `?workflow=` over HTTP), or say whose it is " +
      "(`?tenant=`).",
  ),
  KNOWLEDGE_NODE_NOT_FOUND: entry(
    "invalid_input",
    "The graph of solved tasks has no such node, or none that may be seen.",
    "Find it with `knowledge search`; ids are as it prints them.",
  ),
  KNOWLEDGE_BUSY: entry(
    "unavailable",
    "As many exports or long questions to the graph of solved tasks are under way as may be.",
    "Try again after the time that `Retry-After` says, or ask another node.",
    TRANSIENT,
  ),
  WORKFLOW_VERSION_NOT_FOUND: entry(
    "invalid_input",
    "No version of the workflow fits what was named.",
    "Name a version that is registered, a range such as `^1`, or the hash of one.",
  ),
  WORKFLOW_VERSION_EXISTS: entry(
    "conflict",
    "The version is registered with other content.",
    "Raise `version:` in the file. What a version means does not change.",
  ),
  WORKFLOW_CHANGED: entry(
    "conflict",
    "Somebody else has changed the workflow since it was read.",
    "Read it again and send the `ETag` of that answer.",
  ),
  WORKFLOW_NAME_DIFFERS: entry(
    "invalid_input",
    "The file states another name than the one that it was sent to.",
    "Send it to the name that it states, or mend `name:`.",
  ),
  WORKFLOW_FILES_WRONG: entry(
    "invalid_input",
    "A file of a workflow that was sent, or a path in it, lies outside its folder, or there are too many.",
    "Name each file by its path relative to the workflow file, without `..`.",
  ),
  FILE_NOT_FOUND: entry(
    "invalid_input",
    "The run's output names no such file in a folder that its agents may write to, or the workflow came without it.",
    "Name the path letter for letter as the run's output has it.",
  ),
  RUN_FILE_TOO_LARGE: entry(
    "invalid_input",
    "The file of a run is larger than what is handed out.",
    "Take it from the disk of the node.",
  ),
  RUN_REQUEST_WRONG: entry(
    "invalid_input",
    "A request to begin a run contradicts itself, or names what is not the caller's.",
    "The message says what to change.",
  ),
  BULK_TOO_LARGE: entry(
    "invalid_input",
    "Too many runs were named at once.",
    "Name fewer in each request.",
  ),
  TASK_NOT_FOUND: entry(
    "invalid_input",
    "The run has no task, or no item of a task, of this name.",
    "`runs show` lists the tasks; items are named as in `measure[3]`.",
  ),
  TASK_CLOSED: entry(
    "conflict",
    "The task has ended already.",
    "Nothing is left to cancel. Once the run has closed, a retry does the task again.",
  ),
  VIEW_NOT_FOUND: entry(
    "invalid_input",
    "You have saved no view under this name.",
    "List your views.",
  ),
  VIEW_WRONG: entry(
    "invalid_input",
    "A view cannot be saved: its name or filters are too long, or there are too many.",
    "The message says what is too much.",
  ),
} satisfies Record<string, CatalogueEntry>;
