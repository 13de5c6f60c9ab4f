/**
 * Access tokens: JSON Web Tokens (RFC 7519) that count fifteen minutes.
 *
 * @module
 */
import { decodeProtectedHeader, errors, jwtVerify, SignJWT } from "jose";
import type { Clock } from "../../core/ports.ts";
import type { SigningKeys } from "./signing_keys.ts";

/** How long an access token counts. */
export const ACCESS_TOKEN_S = 15 * 60;

const ISSUER = "denizen";
const AUDIENCE = "denizen-api";
const ALGORITHM = "HS256";
const CLOCK_SKEW_S = 5;

/** Whom a token stands for. */
export interface TokenClaims {
  keyId: string;
  familyId: string;
  /** Epoch milliseconds. */
  expiresAt: number;
}

/** What came of a look at a token. */
export type TokenVerdict =
  | { isValid: true; claims: TokenClaims }
  | { isValid: false; reason: "malformed" | "wrong" | "expired" };

/** Whether a text is meant to be a token: three parts. */
export function isTokenText(text: string): boolean {
  return text.split(".").length === 3;
}

/** Signs a token. It says whose it is, not what that one may: rights are looked up when it comes. */
export async function signAccessToken(
  signing: SigningKeys,
  clock: Clock,
  { keyId, familyId }: { keyId: string; familyId: string },
): Promise<string> {
  const { kid, secret } = await signing.current();
  const nowS = Math.floor(clock.now() / 1_000);
  return await new SignJWT({ family: familyId })
    .setProtectedHeader({ alg: ALGORITHM, typ: "at+jwt", kid })
    .setSubject(keyId)
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setIssuedAt(nowS)
    .setExpirationTime(nowS + ACCESS_TOKEN_S)
    .sign(secret);
}

/** Checks signature, algorithm, type, issuer, audience and times. */
export async function readAccessToken(
  signing: SigningKeys,
  clock: Clock,
  text: string,
): Promise<TokenVerdict> {
  try {
    const { kid } = decodeProtectedHeader(text);
    const key = typeof kid === "string" ? await signing.find(kid) : null;
    if (key === null) return { isValid: false, reason: "wrong" };
    const { payload } = await jwtVerify(text, key.secret, {
      algorithms: [ALGORITHM],
      typ: "at+jwt",
      issuer: ISSUER,
      audience: AUDIENCE,
      requiredClaims: ["sub", "exp", "iat", "family"],
      maxTokenAge: ACCESS_TOKEN_S,
      clockTolerance: CLOCK_SKEW_S,
      currentDate: new Date(clock.now()),
    });
    const { sub, family, exp } = payload;
    if (typeof sub !== "string" || typeof family !== "string" || exp === undefined) {
      return { isValid: false, reason: "wrong" };
    }
    return { isValid: true, claims: { keyId: sub, familyId: family, expiresAt: exp * 1_000 } };
  } catch (error) {
    if (error instanceof errors.JWTExpired) return { isValid: false, reason: "expired" };
    if (error instanceof errors.JOSEError) return { isValid: false, reason: "wrong" };
    // What is no token at all is told by a TypeError.
    if (error instanceof TypeError) return { isValid: false, reason: "malformed" };
    throw error;
  }
}
