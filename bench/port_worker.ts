/**
 * One of two web workers with a port between them and nothing else; see `raw_ports.ts`.
 *
 * @module
 */
import { PAYLOAD, type PortOrder, type PortReport } from "./raw_ports.ts";

declare const self: DedicatedWorkerGlobalScope;

/** Messages of the flood that are under way at once. */
const WINDOW = 1_024;

let port: MessagePort;
let received = 0;

self.onmessage = ({ data, ports }: MessageEvent<PortOrder>) => {
  if (data.type === "echo") {
    port = ports[0]!;
    port.onmessage = ({ data }) => port.postMessage(data);
  } else if (data.type === "count") {
    port = ports[0]!;
    port.onmessage = () => {
      if (++received % (WINDOW / 2) === 0) port.postMessage(received);
    };
  } else if (data.type === "ask") {
    port = ports[0]!;
    void ask(data.count).then(report);
  } else {
    port = ports[0]!;
    void flood(data.forMs).then(report);
  }
};

function report(answer: PortReport): void {
  self.postMessage(answer);
}

async function ask(count: number): Promise<PortReport> {
  const times: number[] = [];
  for (let n = 0; n < count; n++) {
    const startMs = performance.now();
    await new Promise((resolve) => {
      port.onmessage = resolve;
      port.postMessage({ ...PAYLOAD, n });
    });
    times.push(performance.now() - startMs);
  }
  return { times };
}

/** Counts what the other worker has taken. */
function flood(forMs: number): Promise<PortReport> {
  const startMs = performance.now();
  let sent = 0;
  let taken = 0;
  return new Promise((resolve) => {
    const fill = () => {
      while (sent - taken < WINDOW) port.postMessage({ ...PAYLOAD, n: sent++ });
    };
    port.onmessage = ({ data }: MessageEvent<number>) => {
      taken = data;
      const lastedMs = performance.now() - startMs;
      if (lastedMs >= forMs) resolve({ perS: taken / lastedMs * 1000 });
      else fill();
    };
    fill();
  });
}
