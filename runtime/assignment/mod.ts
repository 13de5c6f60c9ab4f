/**
 * Finding agents for tasks that name a capability: the runtime's side of `actors/assignment/`.
 *
 * @module
 */
export { type MarketPlace, type MarketSources, RunMarket } from "./agent_market.ts";
export { type OwnAgents, ownAgentsOf, type PackedAgent } from "./own_agents.ts";
