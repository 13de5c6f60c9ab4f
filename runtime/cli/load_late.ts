import type { Action, Command } from "./command.ts";

/**
 * Loads a module of this folder when it is wanted, and not before.
 *
 * Its name is computed: imports whose names are written out Deno resolves before the program starts,
 * with all that they import, and `--help` would wait for the whole system.
 */
export function loadLate<Module>(module: string): Promise<Module> {
  return import(new URL(module, import.meta.url).href);
}

/** Loads what a command does. */
export async function loadAction({ action }: Command): Promise<Action> {
  const [module, name] = action!;
  return (await loadLate<Record<string, Action>>(module))[name]!;
}
