import { type CatalogueEntry, entry } from "./entry.ts";

/** What may be wrong with a command line. */
export const COMMAND_ERRORS = {
  UNKNOWN_COMMAND: entry(
    "invalid_input",
    "The command line names a command that does not exist.",
    "`help` lists the commands.",
  ),
  UNKNOWN_OPTION: entry(
    "invalid_input",
    "The command does not have the option.",
    "`help COMMAND` lists its options.",
  ),
  ARGUMENT_MISSING: entry(
    "invalid_input",
    "The command needs another argument.",
    "`help COMMAND` shows how it is used.",
  ),
  ARGUMENT_UNWANTED: entry(
    "invalid_input",
    "The command has more arguments than it takes.",
    "`help COMMAND` shows how it is used.",
  ),
  ARGUMENT_VALUE_WRONG: entry(
    "invalid_input",
    "The value of an argument is not allowed.",
    "The hint says what is.",
  ),
  OPTION_VALUE_MISSING: entry(
    "invalid_input",
    "An option stands without its value.",
    "Write `--option VALUE` or `--option=VALUE`.",
  ),
  OPTION_VALUE_UNWANTED: entry(
    "invalid_input",
    "An option that takes no value has one.",
    "Leave the value out.",
  ),
  OPTION_VALUE_WRONG: entry(
    "invalid_input",
    "The value of an option is not allowed.",
    "The hint says what is.",
  ),
  OPTION_REPEATED: entry(
    "invalid_input",
    "An option stands twice.",
    "Keep one of them.",
  ),
  INPUT_OPTION_WRONG: entry(
    "invalid_input",
    "An `--input` cannot be read.",
    "Write `--input KEY=VALUE`; anything nested goes into `--input-file`.",
  ),
  INPUT_FILE_WRONG: entry(
    "invalid_input",
    "The `--input-file` cannot be read or holds no JSON object.",
    "Write the inputs as one JSON object.",
  ),
  SHELL_UNKNOWN: entry(
    "invalid_input",
    "Completions are not made for this shell.",
    "Use bash, zsh or fish.",
  ),
  STORE_URL_WRONG: entry(
    "invalid_input",
    "The URL of the store cannot be read, or something else answers there.",
    "Write `--store kv:FILE`, `--store postgres://user@host:5432/database?schema=denizen`, or `--store https://host` of a KV Connect server.",
  ),
  DATA_DIR_MISSING: entry(
    "invalid_input",
    "Nothing was ever run in the state directory.",
    "Name the right one with `--data DIR`.",
  ),
} satisfies Record<string, CatalogueEntry>;
