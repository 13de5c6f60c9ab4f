import type { Behaviour } from "../behaviour.ts";
export const FRAMES: Behaviour[] = [];
