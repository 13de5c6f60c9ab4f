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

/** Where a request comes from and what it asks for. */
export function placeOf(request: Request, remote: Remote): RequestPlace {
  return { remote: remote.address, method: request.method, path: new URL(request.url).pathname };
}
