import { UnavailableError } from "../../core/errors.ts";

/** The error of a store in which there is something that this program does not know. */
export function unknownKind(kind: string): UnavailableError {
  return new UnavailableError("STORE_VERSION_WRONG", {
    message: `Cannot back up the store: it holds "${kind}", which this version does not know`,
    hint: "Use the newer Denizen that wrote it",
    details: { kind },
  });
}
