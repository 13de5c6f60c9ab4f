import { join } from "node:path";
import { parseSystem } from "../../actors/system/mod.ts";
import type { DocumentKind } from "../document_kit.ts";

/** The corpus of actor system files. */
export const SYSTEMS: DocumentKind = {
  parser: "parseSystem",
  valid: join(import.meta.dirname!, "valid_systems"),
  invalid: join(import.meta.dirname!, "invalid_systems"),
  parse: parseSystem,
};
