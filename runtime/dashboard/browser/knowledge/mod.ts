/**
 * The graph of solved tasks: searched, looked at from node to node, and taken along.
 *
 * @module
 */
export { KnowledgePage } from "./knowledge_page.tsx";
