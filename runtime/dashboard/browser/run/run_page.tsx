import { Page } from "../parts/mod.ts";

/** One run. */
export function RunPage({ runId }: { runId: string }) {
  return <Page title={runId} crumb={{ label: "Runs", path: "/runs" }}>{null}</Page>;
}
