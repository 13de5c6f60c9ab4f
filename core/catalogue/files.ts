import { type CatalogueEntry, entry } from "./entry.ts";

/**
 * What may be wrong in the text of a file that people write: its syntax, and the kinds of its
 * values.
 */
export const FILE_ERRORS = {
  FILE_NOT_READABLE: entry(
    "invalid_input",
    "A file that was named cannot be read.",
    "Check the path and its permissions. Relative paths begin at the current folder.",
  ),
  FILE_KIND_WRONG: entry(
    "invalid_input",
    "A workflow file stands where an actor system file is wanted, or the other way round.",
    "`run FILE` is for workflows, `actors run FILE` for actor systems.",
  ),
  FILE_EMPTY: entry(
    "invalid_input",
    "The file has nothing in it.",
    "Begin with `name:` and `tasks:`, or with `system:` and `actors:`.",
  ),
  FILE_TOO_LARGE: entry(
    "invalid_input",
    "The file, or what is declared in code, is larger than a definition may be.",
    "Move data out of it: into files that agents read, or into the input.",
  ),
  FILE_NOT_OBJECT: entry(
    "invalid_input",
    "The file is no mapping of keys to values.",
    "Begin with `name:` and `tasks:`, or with `system:` and `actors:`.",
  ),
  YAML_SYNTAX: entry(
    "invalid_input",
    "The text is no YAML 1.2.",
    "The hint at the place says what is missing. Quote text that holds `: ` or `#`.",
  ),
  YAML_TAB: entry(
    "invalid_input",
    "A line is indented with a tab.",
    "Indent with spaces.",
  ),
  YAML_DUPLICATE_KEY: entry(
    "invalid_input",
    "A key stands twice in one mapping.",
    "Keep one of them, or rename it.",
  ),
  YAML_MULTIPLE_DOCUMENTS: entry(
    "invalid_input",
    "The file holds several documents.",
    "Keep one document: remove `---`.",
  ),
  YAML_ALIAS_BOMB: entry(
    "invalid_input",
    "Aliases would blow the file up beyond all measure.",
    "Write the values out, or use fewer aliases.",
  ),
  YAML_ALIAS_CYCLE: entry(
    "invalid_input",
    "An alias stands inside the value that it names.",
    "Write the value out.",
  ),
  YAML_ALIAS_UNKNOWN: entry(
    "invalid_input",
    "An alias (`*name`) names an anchor (`&name`) that is not there.",
    "Quote the value when it is a text, or mark a value before it.",
  ),
  YAML_AMBIGUOUS: entry(
    "invalid_input",
    "A word such as `no` or `1.10` means something else than it seems to.",
    "Quote it when text is meant.",
    { severity: "warning" },
  ),
  NESTING_TOO_DEEP: entry(
    "invalid_input",
    "Values are nested too deep.",
    "Flatten them.",
  ),
  DANGEROUS_KEY: entry(
    "invalid_input",
    "A key has a special meaning in JavaScript.",
    "Choose another name.",
  ),
  UNKNOWN_KEY: entry(
    "invalid_input",
    "A key is not part of the format.",
    "The hint names the nearest one. `schema` prints the whole format.",
  ),
  MISSING_KEY: entry(
    "invalid_input",
    "A required key is missing.",
    "Add it.",
  ),
  WRONG_TYPE: entry(
    "invalid_input",
    "A value is of the wrong kind.",
    "The message says which kind is wanted.",
  ),
  INVALID_VALUE: entry(
    "invalid_input",
    "A value is not among those allowed.",
    "The hint lists them.",
  ),
  INVALID_NUMBER: entry(
    "invalid_input",
    "A number cannot be kept exactly.",
    "Quote it to keep it as text.",
  ),
} satisfies Record<string, CatalogueEntry>;
