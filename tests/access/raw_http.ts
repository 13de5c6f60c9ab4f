/**
 * Requests byte by byte over TCP: clients that mend or refuse what they are told to send are no use
 * to attackers.
 *
 * @module
 */

/** What came back. */
export interface RawAnswer {
  /** `null`: the connection was closed, or nothing came. */
  status: number | null;
  headers: Headers;
  body: string;
}

/** Bytes that are sent one after the other. */
export type RawPart = string | Uint8Array | { waitMs: number };

/**
 * Sends parts over a connection of its own and reads the answer.
 *
 * @param options `patienceMs`: how long to wait for the answer. Default 15 s
 */
export async function sendRaw(
  address: { hostname: string; port: number },
  parts: readonly RawPart[],
  { patienceMs = 15_000 }: { patienceMs?: number } = {},
): Promise<RawAnswer> {
  const connection = await Deno.connect({ ...address, transport: "tcp" });
  let isOver = false;
  const timer = setTimeout(() => close(connection), patienceMs);
  const sending = (async () => {
    for (const part of parts) {
      if (isOver) return;
      if (typeof part === "object" && "waitMs" in part) await sleep(part.waitMs);
      else await writeAll(connection, typeof part === "string" ? encode(part) : part);
    }
  })().catch(() => {
    // The other side may refuse to read any more: what it answered counts.
  });
  try {
    return await readAnswer(connection);
  } finally {
    isOver = true;
    clearTimeout(timer);
    close(connection);
    await sending;
  }
}

async function writeAll(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}

/** Reads until the answer is whole, or the connection ends. */
async function readAnswer(connection: Deno.Conn): Promise<RawAnswer> {
  const decoder = new TextDecoder("latin1");
  const buffer = new Uint8Array(64 * 1024);
  let text = "";
  for (;;) {
    const count = await connection.read(buffer).catch(() => null);
    if (count === null) return parse(text);
    text += decoder.decode(buffer.subarray(0, count));
    const answer = parse(text);
    if (isWhole(answer, text)) return answer;
  }
}

function isWhole({ status, headers, body }: RawAnswer, text: string): boolean {
  if (status === null || !text.includes("\r\n\r\n")) return false;
  if (status === 101 || status === 204) return true;
  const length = headers.get("content-length");
  if (length !== null) return body.length >= Number(length);
  return headers.get("transfer-encoding") === "chunked" && body.endsWith("0\r\n\r\n");
}

function parse(text: string): RawAnswer {
  const [head = "", ...rest] = text.split("\r\n\r\n");
  const [first = "", ...lines] = head.split("\r\n");
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(first)?.[1];
  const headers = new Headers();
  for (const line of lines) {
    const at = line.indexOf(":");
    if (at > 0) headers.append(line.slice(0, at), line.slice(at + 1).trim());
  }
  return {
    status: status === undefined ? null : Number(status),
    headers,
    body: rest.join("\r\n\r\n"),
  };
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function close(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // It was closed already.
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
