/**
 * Agents: what they offer, what they have shown, who may register and remove them.
 *
 * @module
 */
export { AgentPage } from "./agent_page.tsx";
export { AgentsPage } from "./agents_page.tsx";
export { RegisterAgentPage } from "./register_agent_page.tsx";
