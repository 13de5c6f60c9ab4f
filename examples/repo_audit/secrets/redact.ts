/**
 * Takes secrets out of texts that are about to be shown: names, versions, addresses.
 *
 * @module
 */
import { findSecrets } from "./scan.ts";

/** `text` with `****` in place of every probable secret, and of the user part of any URL. */
export function redact(text: string): string {
  const bare = text.replace(/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/gi, "$1****@");
  let redacted = "";
  let from = 0;
  for (const { start, end } of findSecrets(bare, "", "Other")) {
    redacted += `${bare.slice(from, start)}****`;
    from = end;
  }
  return redacted + bare.slice(from);
}
