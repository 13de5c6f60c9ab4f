import type { Behaviour } from "../behaviour.ts";
export const PAYLOADS: Behaviour[] = [];
