import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findDenokv } from "../../kv_connect/denokv_server.ts";
import { refuse, roomOf } from "./kv_file.ts";
import { DISK_MEBIBYTES, type StoreUnderTest, type StoreWish } from "./store_under_test.ts";
import { mountSmallDisk } from "./tmpfs.ts";

/** A `denokv` server, which nodes reach over KV Connect. */
export async function startDenokv({ isOnSmallDisk = false }: StoreWish): Promise<StoreUnderTest> {
  const disk = isOnSmallDisk ? await mountSmallDisk(DISK_MEBIBYTES) : null;
  const folder = disk?.folder ?? await Deno.makeTempDir({ prefix: "denizen-chaos-" });
  const token = crypto.randomUUID();
  const address = `127.0.0.1:${freePort()}`;
  const server = new Deno.Command(findDenokv()!, {
    args: [
      ...["--sqlite-path", join(folder, "denokv.sqlite"), "serve"],
      ...["--addr", address],
    ],
    env: { DENO_KV_ACCESS_TOKEN: token },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  await waitForServer(address, server);
  return {
    url: `http://${address}`,
    env: { DENO_KV_ACCESS_TOKEN: token },
    lock: async (ms) => {
      server.kill("SIGSTOP");
      await sleep(ms);
      server.kill("SIGCONT");
    },
    ...roomOf(disk),
    failOver: refuse,
    stop: async () => {
      server.kill("SIGKILL");
      await server.status;
      if (disk === null) await Deno.remove(folder, { recursive: true });
      else await disk.unmount();
    },
  };
}

async function waitForServer(address: string, server: Deno.ChildProcess): Promise<void> {
  let hasEnded = false;
  server.status.then(() => hasEnded = true);
  while (!hasEnded) {
    const answer = await fetch(`http://${address}/`).catch(() => null);
    await answer?.body?.cancel();
    if (answer !== null) return;
    await sleep(20);
  }
  throw new Error("denokv did not start");
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
