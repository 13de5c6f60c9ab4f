import { type KvConnectStores, openKvConnectStores } from "../../runtime/store/kv_connect/mod.ts";
import { type DenokvServer, findDenokv, startDenokv } from "./denokv_server.ts";

/** `test(name, work)` as `Deno.test`, where a server is to be had. */
export function useDenokv() {
  const isThere = findDenokv() !== null;
  return (name: string, work: () => Promise<void>) => {
    if (isThere) Deno.test(name, work);
  };
}

/** A server with an empty database, for the time of `work`. */
export async function withServer<T>(work: (server: DenokvServer) => Promise<T>): Promise<T> {
  const server = await startDenokv();
  try {
    return await work(server);
  } finally {
    await server.stop();
  }
}

/** Stores in an empty database, for the time of `work`. */
export function withStores<RunEvent, LogEvent>(
  work: (stores: KvConnectStores<RunEvent, LogEvent>, server: DenokvServer) => Promise<void>,
): Promise<void> {
  return withServer(async (server) => {
    const { url, token } = server;
    const stores = await openKvConnectStores<RunEvent, LogEvent>(url, { token });
    try {
      await work(stores, server);
    } finally {
      await stores.close();
    }
  });
}
