/**
 * What two web workers of one process can do: messages over a port from thread to thread, no node
 * between them, no checks, no process of their own.
 *
 * @module
 */

/** As in `systems/sender.ts`. */
export const PAYLOAD = { n: 0, text: "x".repeat(80) };

export type PortOrder =
  | { type: "echo" }
  | { type: "count" }
  | { type: "ask"; count: number }
  | { type: "flood"; forMs: number };

export type PortReport = { times: number[] } | { perS: number };

/** Milliseconds of each of `count` round trips, one after the other. */
export async function portRoundTripMs(count: number): Promise<number[]> {
  const report = await between({ type: "echo" }, { type: "ask", count });
  return (report as { times: number[] }).times;
}

/** Messages a second that the second worker takes, 1,024 under way. */
export async function portFloodPerS(forMs: number): Promise<number> {
  const report = await between({ type: "count" }, { type: "flood", forMs });
  return (report as { perS: number }).perS;
}

async function between(receiver: PortOrder, sender: PortOrder): Promise<PortReport> {
  const { port1, port2 } = new MessageChannel();
  const workers = [receiver, sender].map(() =>
    new Worker(new URL("./port_worker.ts", import.meta.url), { type: "module" })
  );
  try {
    const answer = Promise.withResolvers<PortReport>();
    workers[1]!.onmessage = ({ data }: MessageEvent<PortReport>) => answer.resolve(data);
    workers[0]!.postMessage(receiver, [port1]);
    workers[1]!.postMessage(sender, [port2]);
    return await answer.promise;
  } finally {
    for (const worker of workers) worker.terminate();
  }
}
