import assert from "node:assert/strict";
import { join } from "node:path";
import { resolveRealPath } from "./real_path.ts";

async function withTree(use: (root: string) => Promise<void>): Promise<void> {
  const root = await Deno.realPath(await Deno.makeTempDir({ prefix: "real path " }));
  try {
    await Deno.mkdir(join(root, "a/b"), { recursive: true });
    await Deno.mkdir(join(root, "other/deep"), { recursive: true });
    await Deno.writeTextFile(join(root, "a/file"), "");
    await use(root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

Deno.test("resolveRealPath() agrees with the system wherever the path exists", async () => {
  await withTree(async (root) => {
    const links: [name: string, target: string][] = [
      ["a/to-file", "file"],
      ["a/to-other", "../other"],
      ["a/b/up", ".."],
      ["a/absolute", join(root, "other")],
      ["a/chain", "to-other/deep"],
      ["a/dots", "./b/../../other/./deep/.."],
    ];
    for (const [name, target] of links) await Deno.symlink(target, join(root, name));
    const paths = links.map(([name]) => join(root, name));
    paths.push(join(root, "a/b/up/to-other/deep"), join(root, "a/chain"), join(root, "a/file"));
    for (const path of paths) assert.equal(resolveRealPath(path), await Deno.realPath(path));
  });
});

Deno.test("resolveRealPath() follows links also where the end does not exist", async () => {
  await withTree(async (root) => {
    await Deno.symlink("../other/new", join(root, "a/dangling"));
    await Deno.symlink(join(root, "other"), join(root, "a/folder"));
    assert.equal(resolveRealPath(join(root, "a/new")), join(root, "a/new"));
    assert.equal(resolveRealPath(join(root, "a/x/y/z")), join(root, "a/x/y/z"));
    assert.equal(resolveRealPath(join(root, "a/dangling")), join(root, "other/new"));
    assert.equal(resolveRealPath(join(root, "a/folder/new")), join(root, "other/new"));
  });
});

Deno.test("resolveRealPath() takes .. of a target after the links before it", async () => {
  await withTree(async (root) => {
    await Deno.symlink(join(root, "other/deep"), join(root, "a/deep"));
    // Lexically this would be `a/file`; through the link it is `other/file`.
    await Deno.symlink("deep/../file", join(root, "a/tricky"));
    await Deno.writeTextFile(join(root, "other/file"), "");
    assert.equal(resolveRealPath(join(root, "a/tricky")), join(root, "other/file"));
    assert.equal(await Deno.realPath(join(root, "a/tricky")), join(root, "other/file"));
  });
});

Deno.test("resolveRealPath() refuses loops, process links and anything but absolute paths", async () => {
  await withTree(async (root) => {
    await Deno.symlink("loop-b", join(root, "loop-a"));
    await Deno.symlink("loop-a", join(root, "loop-b"));
    await Deno.symlink("/proc/self/cwd", join(root, "cwd"));
    await Deno.symlink("/dev/fd/0", join(root, "fd"));
    const refused = ["loop-a", "cwd/x", "fd"].map((name) => join(root, name));
    refused.push(
      "/proc/self/root/etc",
      "/dev/stdin",
      "/sys/kernel",
      "relative",
      "",
      "/a\0b",
      "<TMP>",
    );
    for (const path of refused) assert.equal(resolveRealPath(path), null, path);
  });
});
