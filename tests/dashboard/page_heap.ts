import type { Page } from "playwright-core";

/** Bytes that the scripts of a page hold, without what is only waiting to be collected. */
export async function measureHeap(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send("HeapProfiler.collectGarbage");
  const heap = await session.send("Runtime.getHeapUsage");
  await session.detach();
  return heap.usedSize + heap.embedderHeapUsedSize + heap.backingStorageSize;
}
