import { type CatalogueEntry, entry } from "./entry.ts";

/** What may be wrong in an expression of a file. */
export const EXPRESSION_ERRORS = {
  EXPRESSION_SYNTAX: entry(
    "invalid_input",
    "An expression is no CEL.",
    "The message shows the place. CEL has no assignments and no statements.",
  ),
  EXPRESSION_TYPE: entry(
    "invalid_input",
    "An expression yields or uses a value of the wrong type.",
    "Compare with the schema of the input, or convert: int(…), string(…).",
  ),
  EXPRESSION_EXPECTED: entry(
    "invalid_input",
    "A key wants one whole expression.",
    "Put everything inside one `${{ … }}`.",
  ),
  EXPRESSION_NOT_ALLOWED: entry(
    "invalid_input",
    "Only constants may stand here.",
    "Move the expression to where the value is used.",
  ),
  EXPRESSION_LOOKALIKE: entry(
    "invalid_input",
    "`{{` begins no expression.",
    "Write `${{`.",
    { severity: "warning" },
  ),
  UNKNOWN_NAME: entry(
    "invalid_input",
    "An expression uses a name that does not exist.",
    "Use input, vars, run or tasks; the hint names the nearest.",
  ),
  UNKNOWN_MEMBER: entry(
    "invalid_input",
    "An expression uses a member that its object does not have.",
    "The hint names the nearest.",
  ),
  UNKNOWN_FUNCTION: entry(
    "invalid_input",
    "An expression calls a function that does not exist, or with wrong arguments.",
    "The hint names the nearest, or the right form.",
  ),
  NAME_NOT_AVAILABLE: entry(
    "invalid_input",
    "A name exists, but not in this place.",
    "The hint says where it can be used.",
  ),
  SECRET_NOT_ALLOWED: entry(
    "invalid_input",
    "A secret is used where it could leak.",
    "Use secrets only where a broker takes them, never in what agents see.",
  ),
} satisfies Record<string, CatalogueEntry>;
