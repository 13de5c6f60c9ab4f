import type { AuditEntry } from "../../core/audit_log.ts";
import { InvalidInputError } from "../../core/errors.ts";
import { auditBroken } from "../audit/mod.ts";
import { type AuditReader, openAuditReader } from "../node/mod.ts";
import type { Invocation } from "./command.ts";
import { EXIT } from "./exit_status.ts";
import { plainText } from "./plain_text.ts";
import { requireFolder } from "./require_folder.ts";
import { withDataOption } from "./with_data_option.ts";

const LIST_LIMIT = 20;
const EXPORT_PAGE = 500;

async function withAudit<T>(
  { dataDir, store }: Invocation,
  work: (audit: AuditReader) => Promise<T>,
): Promise<T> {
  await requireFolder(dataDir);
  const audit = await openAuditReader({ dataDir, store });
  try {
    return await work(audit);
  } finally {
    audit.close();
  }
}

/** `audit list`. A folder in which nothing ever ran has no entries: an answer, not an error. */
export async function list(invocation: Invocation): Promise<number> {
  const options = {
    limit: wholeNumber(invocation, "limit", 1_000) ?? LIST_LIMIT,
    from: wholeNumber(invocation, "from", Number.MAX_SAFE_INTEGER),
  };
  const { terminal, isJson } = invocation;
  const items = await withAudit(invocation, (audit) => audit.list(options))
    .catch((error) => nothingYet(error, invocation));
  terminal.out(isJson ? `${JSON.stringify({ items })}\n` : listText(items));
  return EXIT.completed;
}

function nothingYet(error: unknown, { terminal, dataDir, store }: Invocation): AuditEntry[] {
  if (!(error instanceof InvalidInputError) || error.code !== "DATA_DIR_MISSING") throw error;
  const hint = withDataOption(error.hint ?? "", { dataDir, store });
  terminal.err(`${plainText(error.message)}\nhint: ${plainText(hint)}\n`);
  return [];
}

function wholeNumber(
  invocation: Invocation,
  option: "limit" | "from",
  max: number,
): number | undefined {
  const text = invocation.text(option);
  if (text === undefined) return undefined;
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= max) return number;
  throw new InvalidInputError("OPTION_VALUE_WRONG", {
    message: `Cannot use --${option} "${text}"`,
    hint: option === "limit" ? `Give a whole number from 1 to ${max}` : "Give a whole number",
  });
}

function listText(entries: readonly AuditEntry[]): string {
  if (entries.length === 0) return "No entries\n";
  return entries.map((entry) => {
    const { seq, at, kind, from, to, code, message, count } = entry;
    const who = [from ?? "–", to ?? "–"].map(plainText).join(" → ");
    const times = count === 1 ? "" : `  ${count} times`;
    return `${seq}  ${instant(at)}  ${plainText(kind)}  ${plainText(code)}  ${who}${times}\n` +
      `    ${plainText(message)}\n`;
  }).join("");
}

/** The file may hold any number. */
function instant(at: number): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? String(at) : date.toISOString();
}

/** `audit verify`. */
export async function verify(invocation: Invocation): Promise<number> {
  const { entries, broken } = await withAudit(invocation, (audit) => audit.verify());
  if (broken !== null) throw auditBroken(broken.seq, broken.reason);
  const { terminal, isJson } = invocation;
  if (isJson) terminal.out(`${JSON.stringify({ entries, broken })}\n`);
  else terminal.out(`The audit log is whole: ${entries} ${entries === 1 ? "entry" : "entries"}\n`);
  return EXIT.completed;
}

/** `audit export`: a line for each entry, or with `--json` one document. */
export async function exportAudit(invocation: Invocation): Promise<number> {
  const { terminal, isJson } = invocation;
  await withAudit(invocation, async (audit) => {
    let from = 1;
    if (isJson) terminal.out('{"items":[');
    for (let size = EXPORT_PAGE; size === EXPORT_PAGE;) {
      const page = await audit.list({ from, limit: EXPORT_PAGE });
      const texts = page.map((entry) => JSON.stringify(entry));
      const comma = isJson && from > 1 && page.length > 0 ? "," : "";
      terminal.out(comma + (isJson ? texts.join(",") : texts.map((text) => `${text}\n`).join("")));
      size = page.length;
      from = (page.at(-1)?.seq ?? from) + 1;
    }
    if (isJson) terminal.out("]}\n");
  });
  return EXIT.completed;
}
