import type { Behaviour } from "../behaviour.ts";
export const AFTERWARDS: Behaviour[] = [];
