/** What sort of thing is answered. */
export type ContentKind = "api" | "dashboard" | "docs" | "file";

const NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/**
 * What a browser may do with each: data nothing at all; our pages load from us alone, without inline
 * code; a file that an agent wrote is shown as in a frame of its own, without scripts.
 */
const POLICIES: Readonly<Record<ContentKind, string>> = {
  api: `${NOTHING}; sandbox`,
  dashboard: `${NOTHING}; script-src 'self'; worker-src 'self'; style-src 'self'; ` +
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'",
  docs: `${NOTHING}; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; ` +
    "font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:",
  file: `${NOTHING}; img-src data:; style-src 'unsafe-inline'; sandbox`,
};

const COMMON: readonly (readonly [string, string])[] = [
  ["x-content-type-options", "nosniff"],
  ["x-frame-options", "DENY"],
  ["referrer-policy", "no-referrer"],
  ["cross-origin-opener-policy", "same-origin"],
  ["cross-origin-resource-policy", "same-origin"],
  ["permissions-policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()"],
];

/** Two years, as preload lists want it. */
const HSTS = "max-age=63072000";

/** Headers that every answer of a kind carries. */
export function securityHeaders(
  kind: ContentKind,
  { isSecure = false }: { isSecure?: boolean } = {},
): [name: string, value: string][] {
  const headers: [string, string][] = COMMON.map(([name, value]) => [name, value]);
  headers.push(["content-security-policy", POLICIES[kind]]);
  if (isSecure) headers.push(["strict-transport-security", HSTS]);
  return headers;
}
