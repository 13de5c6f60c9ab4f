import { InvalidInputError } from "../../core/errors.ts";

/** How a node is to be reached. */
export interface ListenPlan {
  /** Name or address that it listens on. */
  host: string;
  /** Whether it speaks HTTPS. */
  hasTls: boolean;
  /** Somebody said that the network may read everything. */
  isInsecureAllowed: boolean;
}

/**
 * Refuses to listen where others could read keys and data on their way. This machine alone may be
 * spoken to in plain text.
 *
 * @throws {InvalidInputError} `INSECURE_LISTEN`
 */
export function requireSafeListen({ host, hasTls, isInsecureAllowed }: ListenPlan): void {
  if (hasTls || isInsecureAllowed || isLoopback(host)) return;
  throw new InvalidInputError("INSECURE_LISTEN", {
    message: `Cannot listen on "${host}" without TLS: others could read keys and data on their way`,
    hint:
      "Give --tls-cert FILE and --tls-key FILE; or --insecure-http, where only machines that you trust can reach it",
    details: { host },
  });
}

/** Whether only processes of this machine reach it (RFC 1122 §3.2.1.3, RFC 4291 §2.5.3). */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host === "[::1]" ||
    /^127(?:\.\d{1,3}){3}$/.test(host);
}
