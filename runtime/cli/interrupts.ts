/** Signals that ask the program to end. */
export type StopSignal = "SIGINT" | "SIGTERM";

/**
 * One Ctrl-C may come twice: to the whole process group, and passed on by npx or `deno task`. What
 * follows the first so closely is the same wish.
 */
const ECHO_MS = 500;

/**
 * Calls back on Ctrl-C and SIGTERM: `first` once, `again` on every further one. Dispose of it to let
 * the signals do again what they always do. Signals within half a second of the first count as it.
 */
export function onInterrupt(
  first: (signal: StopSignal) => void,
  again: (signal: StopSignal) => void,
): Disposable {
  let firstAt: number | null = null;
  const listeners = (["SIGINT", "SIGTERM"] as const).map((signal) => {
    const listener = () => {
      const now = performance.now();
      if (firstAt === null) {
        firstAt = now;
        first(signal);
      } else if (now - firstAt >= ECHO_MS) again(signal);
    };
    Deno.addSignalListener(signal, listener);
    return () => Deno.removeSignalListener(signal, listener);
  });
  return { [Symbol.dispose]: () => listeners.forEach((remove) => remove()) };
}
