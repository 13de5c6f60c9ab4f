import { useLayoutEffect } from "preact/hooks";
import { addShortcuts, type Shortcut } from "./shortcuts.ts";

/** Puts shortcuts in force while the component is there. */
export function useShortcuts(list: readonly Shortcut[], deps: readonly unknown[] = []): void {
  useLayoutEffect(() => addShortcuts(list), [...deps]);
}
