/**
 * Filters that people keep, each for themselves.
 *
 * @module
 */
import type { JsonObject } from "../../core/json.ts";

/** A saved filter. */
export interface SavedView {
  /** 1 to 64 characters. */
  name: string;
  /** What the dashboard makes of it; at most 8 KiB of JSON text. */
  filters: JsonObject;
  /** ISO 8601. */
  updatedAt: string;
}

/** The saved filters of principals; at most 100 each. */
export interface SavedViews {
  /** By name. */
  list(owner: string): Promise<SavedView[]>;
  /** @throws {InvalidInputError} `VIEW_NOT_FOUND` */
  get(owner: string, name: string): Promise<SavedView>;
  /** Makes or replaces one. @throws {InvalidInputError} `VIEW_WRONG` */
  put(owner: string, name: string, filters: JsonObject): Promise<SavedView>;
  /** @throws {InvalidInputError} `VIEW_NOT_FOUND` */
  remove(owner: string, name: string): Promise<void>;
}
