/**
 * Keys that work everywhere in the page: single characters, and sequences such as `g r`. Never while
 * somebody types into a field.
 *
 * @module
 */
import { signal } from "@preact/signals";

export interface Shortcut {
  /** `?`, `/`, or a sequence: `g r`. */
  keys: string;
  label: string;
  /** What the help lists it under. */
  group: string;
  run(): void;
}

/** What is in force now, for the help. */
export const shortcuts = signal<readonly Shortcut[]>([]);

const SEQUENCE_MS = 1_200;
let pending = "";
let pendingUntil = 0;

/** Puts shortcuts in force until the returned function is called. */
export function addShortcuts(added: readonly Shortcut[]): () => void {
  shortcuts.value = [...shortcuts.value, ...added];
  return () => shortcuts.value = shortcuts.value.filter((one) => !added.includes(one));
}

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  if (document.querySelector("dialog[open]") !== null) return;
  // When it was pressed, not when the page came to it: a busy page cuts no sequence in two.
  const isInTime = event.timeStamp < pendingUntil;
  const typed = pending !== "" && isInTime ? `${pending} ${event.key}` : event.key;
  const found = shortcuts.value.findLast(({ keys }) => keys === typed) ??
    shortcuts.value.findLast(({ keys }) => keys === event.key);
  const isPrefix = shortcuts.value.some(({ keys }) => keys.startsWith(`${typed} `));
  pending = found === undefined && isPrefix ? typed : "";
  pendingUntil = performance.now() + SEQUENCE_MS;
  if (found === undefined) return;
  event.preventDefault();
  found.run();
});

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}
