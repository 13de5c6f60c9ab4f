/**
 * A node's HTTP API, as the command line uses it.
 *
 * @module
 */
export { ApiClient, type ApiPlace, type ApiRequest } from "./api_client.ts";
export { ApiRunReader } from "./api_run_reader.ts";
export { collectSources, type Sources } from "./collect_sources.ts";
