/** All rows of the hostile suite. @module */
import type { Behaviour } from "../arena/mod.ts";
import { CPU } from "./cpu.ts";
import { FRAMES } from "./frames.ts";
import { FLOODS } from "./floods.ts";
import { IDENTITY } from "./identity.ts";
import { MEMORY } from "./memory.ts";
import { AFTERWARDS } from "./afterwards.ts";
import { PAYLOADS } from "./payloads.ts";
import { PROCESS } from "./process.ts";
import { REACH } from "./reach.ts";

export const BEHAVIOURS: readonly Behaviour[] = [
  ...CPU,
  ...MEMORY,
  ...FLOODS,
  ...PAYLOADS,
  ...FRAMES,
  ...PROCESS,
  ...REACH,
  ...IDENTITY,
  ...AFTERWARDS,
];
