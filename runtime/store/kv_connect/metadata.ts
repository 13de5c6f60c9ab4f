import { z } from "zod";
import { Interruption, noKvConnect, protocolUnknown, tokenRefused } from "./kv_connect_errors.ts";

/** Versions of the protocol that this client speaks. */
const VERSIONS = [2, 3];
/** Never ask anew more often than this. */
const LIFE_MS_MIN = 60_000;

/** What a server tells of itself: where requests go, and with which headers. */
export interface Metadata {
  /** Without a slash at its end. */
  endpoint: string;
  headers: Readonly<Record<string, string>>;
  /** How long it may be used. */
  lifeMs: number;
}

const ANSWER = z.object({
  version: z.number(),
  databaseId: z.string(),
  endpoints: z.array(z.object({ url: z.string(), consistency: z.string() })),
  token: z.string(),
  expiresAt: z.string(),
});

/**
 * Reads the answer to the request that begins the work with a server ("Metadata Exchange" of
 * `kv-connect.md` in denoland/denokv).
 *
 * @param url as errors name it
 * @throws {Interruption} when the server cannot answer at present
 * @throws {UnavailableError} `STORE_ACCESS_REFUSED`, `STORE_VERSION_WRONG`
 * @throws {InvalidInputError} `STORE_URL_WRONG`
 */
export async function readMetadata(url: string, response: Response): Promise<Metadata> {
  const text = await response.text();
  checkStatus(url, response.status, text);
  const parsed = ANSWER.safeParse(parse(text));
  if (!parsed.success) throw noKvConnect(url, "its answer is of another kind");
  const { version, databaseId, endpoints, token, expiresAt } = parsed.data;
  if (!VERSIONS.includes(version)) throw protocolUnknown(url, `it answers with version ${version}`);
  const strong = endpoints.find(({ consistency }) => consistency === "strong");
  if (strong === undefined) throw protocolUnknown(url, "it offers no strong consistency");
  return {
    endpoint: new URL(strong.url, response.url).href.replace(/\/$/, ""),
    headers: {
      authorization: `Bearer ${token}`,
      "content-type": "application/x-protobuf",
      "x-denokv-database-id": databaseId,
      "x-denokv-version": String(version),
    },
    lifeMs: lifeOf(expiresAt, response.headers.get("date")),
  };
}

/** The body of the request that asks for it. */
export function askMetadata(token: string): RequestInit {
  return {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ supportedVersions: VERSIONS }),
  };
}

function checkStatus(url: string, status: number, text: string): void {
  if (status === 200) return;
  const reason = text.trim().slice(0, 200) || `status ${status}`;
  if (status >= 500 || status === 429) throw new Interruption(`it answers ${status}: ${reason}`);
  if (status === 401 || status === 403) throw tokenRefused(url, reason);
  if (status === 400) throw protocolUnknown(url, reason);
  throw noKvConnect(url, `it answers with status ${status}`);
}

/** By the server's own clock where it tells it: ours may be wrong. */
function lifeOf(expiresAt: string, date: string | null): number {
  const life = Date.parse(expiresAt) - (date === null ? Date.now() : Date.parse(date));
  return Math.max(LIFE_MS_MIN, life || 0);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
