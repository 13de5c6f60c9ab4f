/** Signals that ask the program to end. */
export type StopSignal = "SIGINT" | "SIGTERM";

/**
 * Calls back on Ctrl-C and SIGTERM: `first` once, `again` on every further one. Dispose of it to let
 * the signals do again what they always do.
 */
export function onInterrupt(
  first: (signal: StopSignal) => void,
  again: (signal: StopSignal) => void,
): Disposable {
  let count = 0;
  const listeners = (["SIGINT", "SIGTERM"] as const).map((signal) => {
    const listener = () => count++ === 0 ? first(signal) : again(signal);
    Deno.addSignalListener(signal, listener);
    return () => Deno.removeSignalListener(signal, listener);
  });
  return { [Symbol.dispose]: () => listeners.forEach((remove) => remove()) };
}
