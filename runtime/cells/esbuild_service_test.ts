import assert from "node:assert/strict";
import type { Plugin } from "esbuild";
import { withEsbuild } from "./esbuild_service.ts";

Deno.test("withEsbuild() answers who comes while the service is about to end", async () => {
  const { promise: isOver, resolve } = Promise.withResolvers<void>();
  const first = withEsbuild(async (esbuild) => {
    await esbuild.transform("1");
    resolve();
  });
  await isOver;
  await new Promise((turn) => setTimeout(turn, 0));
  // It takes longer than the end of the service.
  const load = async () => {
    await new Promise((turn) => setTimeout(turn, 300));
    return { contents: "export default 1;" };
  };
  const plugin: Plugin = {
    name: "slow",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /.*/ }, ({ path }) => ({ path, namespace: "slow" }));
      onLoad({ filter: /.*/ }, load);
    },
  };
  const second = withEsbuild((esbuild) =>
    esbuild.build({ entryPoints: ["one"], bundle: true, write: false, plugins: [plugin] })
  );
  const { promise: isLate, resolve: giveUp } = Promise.withResolvers<null>();
  const timer = setTimeout(giveUp, 10_000, null);
  const answer = await Promise.race([second, isLate]);
  clearTimeout(timer);
  await first;
  assert.ok(answer?.outputFiles?.length === 1, "it never answered");
});
