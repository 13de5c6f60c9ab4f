/**
 * Finding agents for tasks that name a capability: the runtime's side of `actors/assignment/`.
 *
 * @module
 */
export { AgentMarkets, type AgentMarketsOptions, type PackedAgents } from "./agent_markets.ts";
export { type MarketPlace, type MarketSources, RunMarket } from "./agent_market.ts";
export { askForBids, type BidSources } from "./ask_for_bids.ts";
export {
  needsMarket,
  type OwnAgents,
  ownAgentsOf,
  packAgent,
  type PackedAgent,
} from "./own_agents.ts";
