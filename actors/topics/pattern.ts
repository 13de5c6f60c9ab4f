/**
 * Names of topics and patterns of them. A name is segments with dots between: `files.found`. In a
 * pattern `*` stands for one segment, `**` for any number of them, none included.
 *
 * @module
 */

const CHARS_MAX = 256;
const SEGMENTS_MAX = 32;
/** Each one multiplies what a match has to follow up. */
const DOUBLE_STARS_MAX = 4;
const NAME = /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/;
const PATTERN = /^(\*\*?|[a-z0-9_-]+)(\.(\*\*?|[a-z0-9_-]+))*$/;

/** Whether `value` can name a topic: at most 256 characters in at most 32 segments. */
export function isTopicName(value: unknown): value is string {
  return typeof value === "string" && value.length <= CHARS_MAX && NAME.test(value) &&
    value.split(".").length <= SEGMENTS_MAX;
}

/** As {@linkcode isTopicName}, for patterns; at most four `**` that do not touch. */
export function isTopicPattern(value: unknown): value is string {
  if (typeof value !== "string" || value.length > CHARS_MAX || !PATTERN.test(value)) return false;
  const segments = normalSegments(value);
  return segments.length <= SEGMENTS_MAX &&
    segments.filter((segment) => segment === "**").length <= DOUBLE_STARS_MAX;
}

/**
 * Whether a pattern covers a topic. Goes back to the last `**` only, which suffices as an earlier
 * one cannot do better; so at most `pattern × topic` steps, whatever the pattern
 * (R. Cox, "Glob Matching Can Be Simple And Fast Too", 2017).
 */
export function matchesTopic(pattern: string, topic: string): boolean {
  const wanted = pattern.split(".");
  const given = topic.split(".");
  let at = 0;
  let next = 0;
  let star = -1;
  let resumeAt = 0;
  while (next < given.length) {
    if (wanted[at] === "**") {
      star = at++;
      resumeAt = next;
    } else if (at < wanted.length && (wanted[at] === "*" || wanted[at] === given[next])) {
      at++;
      next++;
    } else if (star >= 0) {
      at = star + 1;
      next = ++resumeAt;
    } else return false;
  }
  while (wanted[at] === "**") at++;
  return at === wanted.length;
}

/**
 * The segments of a pattern with neighbouring stars in one order: `**.*.**` covers what `*.**`
 * does. Patterns that stars alone make different share their way through the trie.
 */
export function normalSegments(pattern: string): string[] {
  const segments: string[] = [];
  let isOpen = false;
  for (const segment of pattern.split(".")) {
    if (segment === "**") isOpen = true;
    else {
      if (isOpen && segment !== "*") {
        segments.push("**");
        isOpen = false;
      }
      segments.push(segment);
    }
  }
  if (isOpen) segments.push("**");
  return segments;
}
