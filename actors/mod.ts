/**
 * Agents as data: manifests, permissions, attempts and the frames that carry them.
 *
 * @module
 */
export type * from "./attempt.ts";
export type * from "./bidding.ts";
export * from "./declaration.ts";
export type * from "./manifest.ts";
export {
  isBlank,
  isGranted,
  noPermissions,
  permissionFlags,
  workerPermissions,
} from "./permissions.ts";
