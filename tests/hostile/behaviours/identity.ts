import type { Behaviour } from "../behaviour.ts";
export const IDENTITY: Behaviour[] = [];
