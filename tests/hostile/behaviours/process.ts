import type { Behaviour } from "../behaviour.ts";
export const PROCESS: Behaviour[] = [];
