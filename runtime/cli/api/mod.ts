/**
 * A node's HTTP API, as the command line uses it.
 *
 * @module
 */
export { type AgentName, type AgentRights, ApiAgents } from "./api_agents.ts";
export { ApiKnowledge } from "./api_knowledge.ts";
export { ApiClient, type ApiPlace, type ApiRequest } from "./api_client.ts";
export { ApiRunReader } from "./api_run_reader.ts";
export { collectModule, collectSources, type Sources } from "./collect_sources.ts";
