import { parseDurationMs } from "../../core/duration.ts";
import { InvalidInputError } from "../../core/errors.ts";
import { type Role, ROLES, scopesInVain } from "../../rules/access/mod.ts";
import {
  type KeyActor,
  type KeyDesk,
  type KeyView,
  LOCAL_ADMIN,
  type NewKey,
  openAccess,
  toKeyDocument,
} from "../access/mod.ts";
import { openAudit } from "../audit/mod.ts";
import { systemClock } from "../node/clock.ts";
import { openExistingStores } from "../node/open_store.ts";
import type { Invocation } from "./command.ts";
import { EXIT } from "./exit_status.ts";
import { painter } from "./palette.ts";
import { plainText } from "./plain_text.ts";
import { requireFolder } from "./require_folder.ts";

const MISSING = {
  what: "store",
  hint: "Start a node with: deno task serve; or name another folder with --data DIR",
};
const LIST_LIMIT = 50;
const LIST_LIMIT_MAX = 200;

/** Works on the store itself: whoever may read and write it needs no key. */
async function withKeys<T>(
  { dataDir, store, path }: Invocation,
  work: (keys: KeyDesk, actor: KeyActor) => Promise<T>,
): Promise<T> {
  await requireFolder(dataDir);
  const stores = await openExistingStores({ dataDir, store }, MISSING);
  const audit = openAudit(stores.audit, systemClock);
  const { documents } = stores;
  const access = openAccess({ documents, audit, clock: systemClock, host: "localhost" });
  const { principalId: id, ...holder } = LOCAL_ADMIN;
  const principal = { id, ...holder, via: "key" as const };
  try {
    return await work(access.keys, {
      principal,
      place: { remote: "command line", method: "", path },
    });
  } finally {
    await audit.close();
    await stores.close();
  }
}

/** `keys create`. */
export async function create(invocation: Invocation): Promise<number> {
  const list = (option: string) => {
    const texts = invocation.texts(option);
    return texts.length === 0 ? null : texts;
  };
  const lifeMs = duration(invocation, "expires");
  const request = {
    name: needed(invocation, "name", "Say what the key is for"),
    role: roleOf(needed(invocation, "role", `Give one of ${ROLES.join(", ")}`)),
    scopes: list("scope"),
    tenant: invocation.text("tenant") ?? null,
    workflows: list("workflow"),
    tags: list("tag"),
    expiresAt: lifeMs === null ? null : systemClock.now() + lifeMs,
  };
  const made = await withKeys(invocation, (keys, actor) => keys.create(request, actor));
  warnOfVainScopes(invocation, made);
  return showNew(invocation, made);
}

/** They do no harm, but hardly anybody asks for what opens nothing. */
function warnOfVainScopes({ terminal }: Invocation, { key }: NewKey): void {
  const vain = scopesInVain(key).map((scope) => `"${scope}"`);
  if (vain.length === 0) return;
  const paint = painter(terminal.errHasColor);
  const what = `${vain.length === 1 ? "scope" : "scopes"} ${vain.join(", ")}`;
  terminal.err(
    `${paint("yellow", "warning:")} This key can never use ${what}: its role, or what it is ` +
      `limited to, leaves nothing of it\n`,
  );
}

/** `keys list`. */
export async function list(invocation: Invocation): Promise<number> {
  const limit = limitOf(invocation);
  const { items } = await withKeys(
    invocation,
    (keys, { principal }) => keys.list(principal, { limit }),
  );
  const { terminal, isJson } = invocation;
  if (isJson) terminal.out(`${JSON.stringify({ items: items.map(toKeyDocument) })}\n`);
  else terminal.out(items.length === 0 ? "No keys\n" : items.map(lineOf).join(""));
  return EXIT.completed;
}

/** `keys rotate`. */
export async function rotate(invocation: Invocation): Promise<number> {
  const graceMs = duration(invocation, "grace") ?? 0;
  const id = invocation.positionals[0]!;
  const made = await withKeys(invocation, (keys, actor) => keys.rotate(id, actor, graceMs));
  return showNew(invocation, made);
}

/** `keys revoke`. */
export async function revoke(invocation: Invocation): Promise<number> {
  const id = invocation.positionals[0]!;
  const key = await withKeys(invocation, (keys, actor) => keys.revoke(id, actor));
  const { terminal, isJson } = invocation;
  const text = `Revoked key ${key.id} (${plainText(key.name)})\n`;
  terminal.out(isJson ? `${JSON.stringify(toKeyDocument(key))}\n` : text);
  return EXIT.completed;
}

/** The text goes to standard output alone, so that it can be piped to where it is kept. */
function showNew({ terminal, isJson }: Invocation, { key, text }: NewKey): number {
  if (isJson) terminal.out(`${JSON.stringify({ ...toKeyDocument(key), key: text })}\n`);
  else {
    terminal.err(
      `Key ${key.id} (${plainText(key.name)}, ${key.role}). Keep it: it is not shown again\n`,
    );
    terminal.out(`${text}\n`);
  }
  return EXIT.completed;
}

function lineOf(key: KeyView): string {
  const { id, name, role, scopes, tenant, workflows, tags } = key;
  const limits = [
    tenant === null ? "" : `tenant ${tenant}`,
    scopes === null ? "" : `scopes ${scopes.join(" ")}`,
    workflows === null ? "" : `workflows ${workflows.join(" ")}`,
    tags === null ? "" : `tags ${tags.join(" ")}`,
  ].filter((text) => text !== "").map(plainText);
  const standing = key.revokedAt !== null
    ? `revoked ${instant(key.revokedAt)}`
    : key.expiresAt !== null
    ? `until ${instant(key.expiresAt)}`
    : "";
  const used = key.lastUsedAt === null ? "never used" : `used ${instant(key.lastUsedAt)}`;
  return `${[id, role, plainText(name), standing, used, ...limits].filter(Boolean).join("  ")}\n`;
}

function instant(at: number): string {
  return new Date(at).toISOString();
}

function needed(invocation: Invocation, option: string, hint: string): string {
  const text = invocation.text(option);
  if (text !== undefined) return text;
  throw new InvalidInputError("ARGUMENT_MISSING", {
    message: `Cannot make a key without --${option}`,
    hint,
  });
}

function roleOf(text: string): Role {
  const role = ROLES.find((one) => one === text);
  if (role !== undefined) return role;
  throw wrong("role", text, `Give one of ${ROLES.join(", ")}`);
}

/** Milliseconds, or `null` when the option is not there. */
function duration(invocation: Invocation, option: string): number | null {
  const text = invocation.text(option);
  if (text === undefined) return null;
  const ms = parseDurationMs(text);
  if (ms === null) throw wrong(option, text, 'Give a time such as "90d" or "1h"');
  return ms;
}

function limitOf(invocation: Invocation): number {
  const text = invocation.text("limit");
  if (text === undefined) return LIST_LIMIT;
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= LIST_LIMIT_MAX) return limit;
  throw wrong("limit", text, `Give a whole number from 1 to ${LIST_LIMIT_MAX}`);
}

function wrong(option: string, value: string, hint: string): InvalidInputError {
  return new InvalidInputError("OPTION_VALUE_WRONG", {
    message: `Cannot use --${option} "${value}"`,
    hint,
  });
}
