import type { Behaviour } from "../behaviour.ts";
export const REACH: Behaviour[] = [];
