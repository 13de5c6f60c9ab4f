/** One thing that was looked at. */
export interface Check {
  name: string;
  /** `red`: Denizen does not work without it; `yellow`: it works, with less. */
  status: "green" | "yellow" | "red";
  /** What was found. */
  detail: string;
  /** What would make it green. */
  hint?: string;
}

/** A check, with its hint only where there is something to mend. */
export function check(
  name: string,
  status: Check["status"],
  detail: string,
  hint: string,
): Check {
  return status === "green" ? { name, status, detail } : { name, status, detail, hint };
}
