/**
 * Who is let in: keys, sessions, tokens, one-time links, budgets, and the guards of every request.
 *
 * @module
 */
export {
  AccessControl,
  type AccessOptions,
  type AccessPermit,
  LOCAL_ADMIN,
  openAccess,
  type RateGroup,
} from "./access_control.ts";
export { ApiKeys, type KeyView, type NewKey } from "./api_keys.ts";
export { toKeyDocument } from "./key_document.ts";
export type { KeyActor, KeyDesk, KeyPage } from "./key_desk.ts";
export { type KeyRequest, readKeyRequest } from "./key_wish.ts";
export type { Proof, Remote, RequestPlace } from "./request_context.ts";
export { type ContentKind, securityHeaders } from "./security_headers.ts";
export { cookieName } from "./session_cookie.ts";
export type { OpenedSession, SignInDesk, TokenPair } from "./sign_in_desk.ts";
