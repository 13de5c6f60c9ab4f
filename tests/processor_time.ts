import process from "node:process";

/**
 * Milliseconds that this process has computed: bounds on it hold on a busy machine too, where the
 * clock also counts what others do.
 */
export function processorTimeMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
