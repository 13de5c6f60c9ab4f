/**
 * The token by which nodes of one cluster know each other.
 *
 * @module
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { link, mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { InvalidInputError } from "../../../core/errors.ts";

/** Takes the place of the file; nodes on several machines share it. */
export const TOKEN_VARIABLE = "DENIZEN_CLUSTER_TOKEN";

const FILE = "cluster.token";
const TOKEN_BYTES = 32;
/** 32 bytes in base64url, or what an operator made up, if it is no shorter. */
const TOKEN = /^[A-Za-z0-9_-]{43,256}$/;
/** Rights of the group and of everybody. */
const FOREIGN_RIGHTS = 0o077;

/**
 * The token of the environment, or that of a data directory, which is made with the first call.
 *
 * @param options `readVariable`: reads a variable of the environment
 * @throws {InvalidInputError} `CLUSTER_TOKEN_WRONG` when it is malformed, or others may read its file
 */
export async function loadClusterToken(
  dataDir: string,
  { readVariable = (name: string) => process.env[name] }: {
    readVariable?: (name: string) => string | undefined;
  } = {},
): Promise<string> {
  const given = readVariable(TOKEN_VARIABLE);
  if (given !== undefined && given !== "") return checked(given.trim(), TOKEN_VARIABLE);
  const path = join(dataDir, FILE);
  return await readToken(path) ?? await makeToken(dataDir, path);
}

/** Compares in a time that does not tell how much of it was right. */
export function isSameToken(given: string, token: string): boolean {
  return timingSafeEqual(digest(given), digest(token));
}

async function readToken(path: string): Promise<string | null> {
  try {
    const text = (await readFile(path, "utf8")).trim();
    const { mode } = await stat(path);
    if (process.platform !== "win32" && (mode & FOREIGN_RIGHTS) !== 0) {
      throw wrong(`Cannot use "${path}": other users may read it`, `Run: chmod 600 ${path}`);
    }
    return checked(text, path);
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return null;
    throw error;
  }
}

/** Several processes may come at once: the file appears whole, and the first one counts. */
async function makeToken(dataDir: string, path: string): Promise<string> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}.${randomBytes(6).toString("hex")}`;
  const token = randomBytes(TOKEN_BYTES).toString("base64url");
  await writeFile(draft, `${token}\n`, { mode: 0o600, flag: "wx" });
  try {
    await link(draft, path);
    return token;
  } catch (error) {
    const first = (error as { code?: string }).code === "EEXIST" ? await readToken(path) : null;
    if (first === null) throw error;
    return first;
  } finally {
    await rm(draft, { force: true });
  }
}

function checked(token: string, place: string): string {
  if (TOKEN.test(token)) return token;
  throw wrong(
    `Cannot read a cluster token from "${place}": it takes 43 to 256 letters, digits, "-" or "_"`,
    "Make one with: openssl rand -base64 32 | tr '+/' '-_' | tr -d '='",
  );
}

function wrong(message: string, hint: string): InvalidInputError {
  return new InvalidInputError("CLUSTER_TOKEN_WRONG", { message, hint });
}

function digest(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}
