/** The system under attack, and what is measured and asserted of each attack. @module */
export { Arena, HANDLE_MS, HEARTBEAT_MS, NEIGHBOUR, SECRET } from "./arena.ts";
export type { Attack, Attacker, AuditWanted, Behaviour, Outcome, Verdict } from "./behaviour.ts";
export { outcomeOf, runBehaviour, SLOW } from "./run_behaviour.ts";
