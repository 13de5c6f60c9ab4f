/**
 * Faults of the store that all nodes share.
 *
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import { whyNoSmallDisk } from "../stores/mod.ts";
import { type Fault, PLAIN_FAULT } from "./fault.ts";

/** Another process keeps the store to itself for 5 s. */
export const LOCK: Fault = {
  ...PLAIN_FAULT,
  name: "lock",
  summary: "the store locked by another process for 5 s (denokv: its server stopped)",
  strike: ({ store }) => store.lock(5_000),
};

/** There is no room on the store's disk for a while. */
export const DISK: Fault = {
  ...PLAIN_FAULT,
  name: "disk",
  summary: "the store's disk full for 2 to 4 s",
  wish: { isOnSmallDisk: true },
  whyNot: whyNoSmallDisk,
  strike: async ({ store, random }) => {
    await store.fill();
    await sleep(random.int(2_000, 4_000));
    await store.free();
  },
};

/** The primary of a database dies amid the work, for good; its standby takes over. */
export const PRIMARY: Fault = {
  ...PLAIN_FAULT,
  name: "primary",
  summary: "kill -9 of the primary, its synchronous standby promoted",
  stores: ["postgres"],
  wish: { hasStandby: true },
  strike: async ({ store, signal }) => {
    await sleep(2_000);
    await store.failOver();
    // It can die only once.
    await sleep(2 ** 31 - 1, undefined, { signal }).catch(() => {});
  },
};
