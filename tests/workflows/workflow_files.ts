import { join } from "node:path";
import { parseWorkflow } from "../../workflows/parse.ts";
import type { DocumentKind } from "../document_kit.ts";

/** The corpus of workflow files. */
export const WORKFLOWS: DocumentKind = {
  parser: "parseWorkflow",
  valid: join(import.meta.dirname!, "valid"),
  invalid: join(import.meta.dirname!, "invalid"),
  parse: (text, file) => parseWorkflow(text, { file }),
};
