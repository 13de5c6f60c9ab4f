import assert from "node:assert/strict";
import type { Serving } from "./serve_process.ts";

const PAUSE_MS = 200;
const WAIT_MS = 300_000;

/**
 * Waits until the graph of solved tasks holds so many attempts: it follows the journals, and may be
 * behind a run that has ended.
 */
export async function untilKnown({ url, apiKey }: Serving, attempts: number): Promise<void> {
  const headers = { authorization: `Bearer ${apiKey}` };
  const signal = AbortSignal.timeout(WAIT_MS);
  for (;;) {
    const response = await fetch(`${url}/api/v1/knowledge`, { headers, signal });
    const { facts } = await response.json();
    assert.ok(response.ok, `${response.status}`);
    if (facts >= attempts) return;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
