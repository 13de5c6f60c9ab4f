/**
 * Who asks: sign-in, tokens and keys.
 *
 * @module
 */
import { z } from "@hono/zod-openapi";
import { instantSchema, pageOf, tenantSchema } from "./values.ts";

/** What somebody may do. */
export const roleSchema = z.enum(["viewer", "operator", "admin"]).openapi("Role");

/** Who asks. */
export const principalSchema = z.object({
  id: z.string(),
  name: z.string(),
  role: roleSchema,
  tenant: z.string().nullable().openapi({ description: "null: sees all tenants" }),
  scopes: z.array(z.string()).nullable(),
  workflows: z.array(z.string()).nullable(),
  tags: z.array(z.string()).nullable(),
  via: z.enum(["key", "jwt", "session"]),
}).openapi("Principal");

/** Who asks, and what a browser needs. */
export const meSchema = z.object({
  principal: principalSchema,
  csrfToken: z.string().nullable().openapi({
    description: "Send it as `X-CSRF-Token` with each change; null without a session",
  }),
  expiresAt: instantSchema.nullable(),
}).openapi("Me");

/** A one-time link. */
export const signInSchema = z.strictObject({ token: z.string().min(1).max(500) }).openapi("SignIn");
/** A key for a session. */
export const sessionSchema = z.strictObject({ apiKey: z.string().min(1).max(500) })
  .openapi("SignInWithKey");
/** A refresh token. */
export const refreshSchema = z.strictObject({ refreshToken: z.string().min(1).max(4000) })
  .openapi("Refresh");

/** Tokens for programs. */
export const tokensSchema = z.object({
  accessToken: z.string(),
  refreshToken: z.string(),
  tokenType: z.literal("Bearer"),
  expiresInS: z.int(),
}).openapi("Tokens");

/** Name of a key. */
export const keyIdSchema = z.string().min(1).max(64).regex(
  /^[A-Za-z0-9]+$/,
  "must be the id of a key: letters and digits",
);

/** A key to be made. */
export const createKeySchema = z.strictObject({
  name: z.string().min(1).max(100).openapi({ example: "ci" }),
  role: roleSchema,
  tenant: tenantSchema.nullable().optional(),
  scopes: z.array(z.string().max(60)).max(50).nullable().optional(),
  workflows: z.array(z.string().max(100)).max(100).nullable().optional(),
  tags: z.array(z.string().max(64)).max(20).nullable().optional(),
  expiresAt: instantSchema.nullable().optional(),
}).openapi("CreateKey");

/** How a key gets another secret. */
export const rotateKeySchema = z.strictObject({
  graceMs: z.int().min(0).max(7 * 24 * 3_600_000).optional().openapi({
    description: "How long the secret before counts yet; default 0",
  }),
}).openapi("RotateKey");

/** A key without its secret. */
export const keySchema = z.object({
  id: z.string(),
  name: z.string(),
  role: roleSchema,
  tenant: z.string().nullable(),
  scopes: z.array(z.string()).nullable(),
  workflows: z.array(z.string()).nullable(),
  tags: z.array(z.string()).nullable(),
  createdAt: instantSchema,
  createdBy: z.string().nullable(),
  expiresAt: instantSchema.nullable(),
  revokedAt: instantSchema.nullable(),
  lastUsedAt: instantSchema.nullable(),
}).openapi("Key");

/** A key with its text, which is shown once. */
export const newKeySchema = keySchema.extend({
  key: z.string().openapi({ description: "Shown once: `dnz_<id>_<secret>`" }),
}).openapi("NewKey");

/** A page of keys. */
export const keyPageSchema = pageOf("KeyPage", keySchema);

export type Role = z.infer<typeof roleSchema>;
export type PrincipalDocument = z.infer<typeof principalSchema>;
export type Me = z.infer<typeof meSchema>;
export type Tokens = z.infer<typeof tokensSchema>;
export type Key = z.infer<typeof keySchema>;
export type NewKey = z.infer<typeof newKeySchema>;
export type KeyPage = z.infer<typeof keyPageSchema>;
