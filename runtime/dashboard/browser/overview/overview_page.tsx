import { Page } from "../parts/mod.ts";
export function OverviewPage() {
  return <Page title="Overview">{null}</Page>;
}
