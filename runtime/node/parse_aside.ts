import { type ParsedWorkflow, parseWorkflow } from "../../workflows/parse.ts";

/** What to parse. */
export interface AsideRequest {
  text: string;
  options: { file: string; registeredAgents?: readonly string[] };
}

/** What came of it; functions cannot be sent. */
export interface AsideAnswer extends Omit<ParsedWorkflow, "placeOf"> {
  /** Where those values stand that are looked at again when the workflow is loaded. */
  places: Map<string, { line: number; column: number }>;
}

/** Shorter texts are parsed at once: that takes less than a thread takes to begin. */
const SHORT_CHARS = 16 * 1024;

/** Long texts are parsed one after the other: one may take hundreds of megabytes meanwhile. */
let last: Promise<unknown> = Promise.resolve();

/**
 * Does what `parseWorkflow` does, a long text in a thread of its own: the largest files take seconds,
 * in which a node could neither answer nor say that it lives.
 */
export function parseAside(
  text: string,
  options: { file: string; registeredAgents?: readonly string[] },
): Promise<ParsedWorkflow> {
  if (text.length <= SHORT_CHARS) return Promise.resolve(parseWorkflow(text, options));
  const parsed = last.then(() => parseInThread({ text, options }));
  last = parsed.catch(() => {});
  return parsed;
}

async function parseInThread(request: AsideRequest): Promise<ParsedWorkflow> {
  const { promise, resolve, reject } = Promise.withResolvers<AsideAnswer>();
  const worker = new Worker(new URL("./parse_worker.ts", import.meta.url), { type: "module" });
  worker.addEventListener("message", ({ data }: MessageEvent<AsideAnswer>) => resolve(data));
  worker.addEventListener("error", (event) => {
    // Otherwise it would end the node.
    event.preventDefault();
    reject(event.error ?? new Error(event.message));
  });
  worker.postMessage(request);
  try {
    const { definition, issues, places } = await promise;
    const first = { line: 1, column: 1 };
    return { definition, issues, placeOf: (pointer) => places.get(pointer) ?? first };
  } finally {
    worker.terminate();
  }
}
