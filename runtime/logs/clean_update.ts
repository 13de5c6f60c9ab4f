import { toPlainText } from "../../actors/frames.ts";
import { cleanFields } from "./clean_fields.ts";

/** What must not be kept, nor shown. */
export interface Redaction {
  /** A text without the secrets that can be told. */
  redact: (text: string) => string;
  /** Whether the value of a field of that name is secret, whatever it looks like. */
  isSecretField: (name: string) => boolean;
}

/** What an agent said, as it may be kept and shown: plain, bounded, and without secrets. */
export function cleanUpdate<
  Update extends { message?: string; fields?: Record<string, unknown> },
>(update: Update, redaction: Redaction): Update {
  const { message, fields } = update;
  const clean = { ...update };
  if (message !== undefined) clean.message = redaction.redact(toPlainText(message));
  if (fields !== undefined) clean.fields = cleanFields(fields, redaction);
  return clean;
}
