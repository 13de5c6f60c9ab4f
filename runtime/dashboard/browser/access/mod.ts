/**
 * Who may do what: audit log and keys.
 *
 * @module
 */
export { AuditPage } from "./audit_page.tsx";
export { KeysPage } from "./keys_page.tsx";
