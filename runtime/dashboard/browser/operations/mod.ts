/**
 * Pages of those who keep the nodes running.
 *
 * @module
 */
export { ClusterPage } from "./cluster_page.tsx";
export { DeadLetterPage } from "./dead_letter_page.tsx";
export { DeadLettersPage } from "./dead_letters_page.tsx";
export { SystemPage } from "./system_page.tsx";
export { SystemsPage } from "./systems_page.tsx";
