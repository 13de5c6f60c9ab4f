import type { Page } from "playwright-core";

/** How long the frames of a page took. */
export interface Frames {
  count: number;
  medianMs: number;
  text: string;
}

const BEGIN = `(() => {
  const frames = [];
  let last = performance.now();
  let isOn = true;
  const tick = (now) => {
    frames.push(now - last);
    last = now;
    if (isOn) requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
  window.stopFrames = () => {
    isOn = false;
    return frames;
  };
})()`;

/** Looks at the frames of a page while something is done with it. */
export async function countFrames(page: Page, act: () => Promise<void>): Promise<Frames> {
  await page.evaluate(BEGIN);
  await act();
  const frames = await page.evaluate<number[]>("window.stopFrames()");
  const sorted = frames.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? Infinity;
  const text = `${frames.length}, median ${at(0.5).toFixed(0)} ms, 95th percentile ` +
    `${at(0.95).toFixed(0)} ms`;
  return { count: frames.length, medianMs: at(0.5), text };
}
