import type { Principal } from "../../rules/access/mod.ts";
import type { KeyStamp } from "./api_keys.ts";

/** Where a request comes from. */
export interface Remote {
  /** Address of the peer of the connection, such as `127.0.0.1`. */
  address: string;
}

/** What the audit log says of a request. */
export interface RequestPlace {
  remote: string;
  method: string;
  /** Without the query. */
  path: string;
}

/** How it was proved who asks. */
export interface Proof {
  principal: Principal;
  /** Names the credential without telling it. */
  digest: string;
  /** The key that it comes from; `null`: a sign-in link. */
  stamp: KeyStamp | null;
  sessionId: string | null;
  csrfToken: string | null;
  /** Epoch milliseconds; `null`: it does not end by itself. */
  expiresAt: number | null;
}

/**
 * Whose budget a request is taken from: its address, or of IPv6 the network, within which every host
 * chooses among 2^64 addresses (RFC 4291 §2.5.4).
 */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!address.includes(":")) return address;
  const [head, tail] = address.toLowerCase().split("::").map((part) =>
    part.split(":").filter((group) => group !== "")
  );
  const zeros = tail === undefined ? 0 : 8 - head!.length - tail.length;
  const groups = [...head!, ...Array<string>(Math.max(0, zeros)).fill("0"), ...tail ?? []];
  return `${groups.slice(0, 4).join(":")}::/64`;
}

/** Where a request comes from and what it asks for. */
export function placeOf(request: Request, remote: Remote): RequestPlace {
  return { remote: remote.address, method: request.method, path: new URL(request.url).pathname };
}
