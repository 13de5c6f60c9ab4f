import type { RunOrigin } from "./events.ts";

/** Of where a run comes from, what it is found by: members that nobody gave are left out. */
export function labelsOf({ tenant, tags }: RunOrigin = {}): Pick<RunOrigin, "tenant" | "tags"> {
  return {
    ...(tenant === undefined ? {} : { tenant }),
    ...(tags === undefined ? {} : { tags }),
  };
}
