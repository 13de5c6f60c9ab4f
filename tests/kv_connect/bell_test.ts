/**
 * The doorbell of a KV Connect server: between processes, and after its server was away.
 *
 * @module
 */
import assert from "node:assert/strict";
import { listenTo } from "../../runtime/store/cluster_store_contract.ts";
import { openKvConnectStores } from "../../runtime/store/kv_connect/mod.ts";
import { FaultyProxy } from "./faulty_proxy.ts";
import { useDenokv, withServer } from "./use_denokv.ts";

const test = useDenokv();

test("bell tells other clients, also after its server was killed and restarted", () =>
  withServer(async (server) => {
    const { url, token } = server;
    const near = await openKvConnectStores(url, { token });
    const far = await openKvConnectStores(url, { token });
    const ear = listenTo(far.cluster.bell!);
    await ear.ringUntilHeard(["partition:3"], near.cluster.bell!);
    await server.kill();
    near.cluster.bell!.ring(["terms"]);
    await server.restart();
    await ear.ringUntilHeard(["node:b"], near.cluster.bell!);
    ear.stop();
    await near.close();
    await far.close();
  }));

test("bell hears nothing of what was rung before it listened", () =>
  withServer(async ({ url, token }) => {
    const stores = await openKvConnectStores(url, { token });
    const bell = stores.cluster.bell!;
    const first = listenTo(bell);
    await first.ringUntilHeard(["partition:1"]);
    // Rings of that may be under way still: they come before this one.
    await first.ringUntilHeard(["partition:3"]);
    first.stop();
    const second = listenTo(bell);
    await second.ringUntilHeard(["partition:2"]);
    assert.ok(!second.heard.includes("partition:1"), second.heard.join());
    bell.ring([]);
    second.stop();
    await stores.close();
    bell.ring(["terms"]);
  }));

test("bell is heard after its connection or a request hung", () =>
  withServer(async (server) => {
    const { token } = server;
    const proxy = new FaultyProxy(server.port);
    const far = await openKvConnectStores(server.url, { token });
    const options = { token, tryMs: 1_000, silenceMs: 2_000 };
    const near = await openKvConnectStores(proxy.url, options);
    proxy.judge = (request) => request === "POST /v2/watch" && proxy.heldCount < 2 ? "hold" : null;
    const ear = listenTo(near.cluster.bell!);
    await ear.ringUntilHeard(["partition:1"], far.cluster.bell!);
    assert.equal(proxy.heldCount, 2);
    proxy.freeze();
    await ear.ringUntilHeard(["partition:2"], far.cluster.bell!);
    ear.stop();
    await near.close();
    await far.close();
    await proxy.stop();
  }));
