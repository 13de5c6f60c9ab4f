/**
 * The audit log: writing it without ever waiting, reading it, and proving that it is whole.
 *
 * @module
 */
export { type AuditLog, openAudit } from "./audit_log.ts";
export { auditBroken, type AuditVerdict, readAudit, verifyAudit } from "./read_audit.ts";
export { recordDenial } from "./record_denial.ts";
