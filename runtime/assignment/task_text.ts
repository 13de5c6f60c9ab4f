import type { Json, JsonObject } from "../../core/json.ts";

/** Beyond it nothing helps to tell tasks apart. */
const CHARS_MAX = 200;
/** Values that are looked at: of a list of a thousand files the first tell enough. */
const VALUES_MAX = 64;

/**
 * The words by which a task is compared with earlier ones: its id, then the texts of its input in
 * the order in which they stand there. At most 200 characters.
 */
export function textOfTask(task: string, input: Json): string {
  const words = [task];
  let chars = task.length;
  const open: Json[] = [input];
  // A list that grows while it is walked is a walk in breadth: what stands near the top comes first.
  for (let at = 0; at < open.length && at < VALUES_MAX && chars < CHARS_MAX; at++) {
    const value = open[at]!;
    if (typeof value === "string") {
      words.push(value);
      chars += value.length + 1;
    } else if (typeof value === "object" && value !== null) {
      for (const key in value) {
        if (open.length >= VALUES_MAX) break;
        open.push((value as JsonObject)[key]!);
      }
    }
  }
  return words.join(" ").replace(/\s+/g, " ").slice(0, CHARS_MAX).toWellFormed();
}
