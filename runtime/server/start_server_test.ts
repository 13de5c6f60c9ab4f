import assert from "node:assert/strict";
import { startClusterNode } from "../node/cluster_node.ts";
import { startServer } from "./start_server.ts";

const NODE = { version: "0.0.0", drainMs: 100 };

Deno.test("startServer() lets go of everything when it cannot be done", async () => {
  const dataDir = await Deno.makeTempDir({ prefix: "denizen-server-" });
  try {
    const node = await startClusterNode({ ...NODE, dataDir });
    await node.stores.documents.put("api-keys", "0", "no key");
    await node.close();
    const options = { ...NODE, dataDir, host: "127.0.0.1", port: 0, hasExamples: false };
    // Timers and listeners that it left behind would fail this test, and keep the process alive.
    await assert.rejects(startServer(options));
    const again = await startClusterNode({ ...NODE, dataDir });
    await again.stores.documents.delete("api-keys", "0");
    await again.close();
    const server = await startServer(options);
    assert.notEqual(server.firstKey, null);
    await server.close();
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
});
