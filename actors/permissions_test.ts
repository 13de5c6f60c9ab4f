import assert from "node:assert/strict";
import fc from "fast-check";
import type { Permissions } from "./manifest.ts";
import {
  isBlank,
  isGranted,
  isInside,
  noPermissions,
  permissionFlags,
  workerPermissions,
} from "./permissions.ts";

const KINDS = ["read", "write", "net", "env", "run", "sys", "ffi", "import"] as const;
const anyKind = fc.constantFrom(...KINDS);
const anyPath = fc.array(fc.stringMatching(/^[a-z]{1,3}$/), { maxLength: 4 })
  .map((parts) => `/${parts.join("/")}`);

function grant(permissions: Partial<Permissions>): Permissions {
  return { ...noPermissions(), ...permissions };
}

Deno.test("isGranted() denies everything when nothing is granted", () => {
  fc.assert(fc.property(anyKind, fc.option(fc.string()), (permission, value) => {
    fc.pre(permission !== "env");
    assert.equal(isGranted(noPermissions(), { permission, value, realPath: value }), false);
  }));
});

Deno.test("isGranted() denies an ask for everything of a kind, whatever is granted", () => {
  fc.assert(fc.property(anyKind, fc.array(fc.string()), (permission, grants) => {
    const permissions = grant({ [permission]: grants });
    assert.equal(isGranted(permissions, { permission, value: null, realPath: "/" }), false);
  }));
});

Deno.test("isGranted() never lets a grant of one kind answer for another", () => {
  fc.assert(fc.property(anyKind, anyKind, anyPath, (granted, permission, value) => {
    fc.pre(granted !== permission);
    const permissions = grant({ [granted]: [value] });
    assert.equal(isGranted(permissions, { permission, value, realPath: value }), false);
  }));
});

Deno.test("isGranted() looks at the real path only", () => {
  fc.assert(fc.property(anyPath, anyPath, anyPath, (root, value, realPath) => {
    const permissions = grant({ read: [root] });
    const asked = isGranted(permissions, { permission: "read", value, realPath });
    assert.equal(asked, isInside(root, realPath));
  }));
  const unresolved = { permission: "read", value: "/a/b", realPath: null };
  assert.equal(isGranted(grant({ read: ["/a"] }), unresolved), false);
  assert.equal(isGranted(grant({ read: ["/"] }), unresolved), false);
});

Deno.test("isInside() agrees with a comparison part by part", () => {
  fc.assert(fc.property(anyPath, anyPath, (root, path) => {
    const [roots, parts] = [root, path].map((text) =>
      text.split("/").filter((part) => part !== "")
    );
    const expected = roots!.every((part, at) => parts![at] === part);
    assert.equal(isInside(root, path), expected);
  }));
});

Deno.test("isInside() takes whole names only", () => {
  assert.equal(isInside("/a/b", "/a/b"), true);
  assert.equal(isInside("/a/b", "/a/b/c"), true);
  assert.equal(isInside("/a/b", "/a/bc"), false);
  assert.equal(isInside("/a/b", "/a"), false);
  assert.equal(isInside("/a/b", "a/b/c"), false);
  assert.equal(isInside("/", "/a"), true);
});

const HOSTS: [granted: string, asked: string, expected: boolean][] = [
  ["example.org", "example.org:443", true],
  ["example.org", "EXAMPLE.org:80", true],
  ["example.org", "example.org.:80", true],
  ["example.org", "sub.example.org:443", false],
  ["example.org", "badexample.org:443", false],
  ["example.org:443", "example.org:443", true],
  ["example.org:443", "example.org:80", false],
  ["example.org:443", "example.org", false],
  ["*.example.org", "a.example.org:1", true],
  ["*.example.org", "a.b.example.org:1", true],
  ["*.example.org", "example.org:1", false],
  ["*.example.org", "badexample.org:1", false],
  ["127.0.0.1", "127.0.0.1:8080", true],
  ["127.0.0.1", "127.0.0.11:8080", false],
  ["[::1]", "[::1]:80", true],
  ["::1", "[::1]:80", true],
  ["::1", "[::2]:80", false],
  ["example.org", "unix:/tmp/x", false],
  ["/tmp/x", "unix:/tmp/x", false],
];

Deno.test("isGranted() compares hosts and ports", () => {
  for (const [granted, value, expected] of HOSTS) {
    const actual = isGranted(grant({ net: [granted] }), { permission: "net", value });
    assert.equal(actual, expected, `${granted} for ${value}`);
  }
});

Deno.test("isGranted() compares names of variables, programs and system facts", () => {
  const permissions = grant({ env: ["HOME", "APP_*"], run: ["git"], sys: ["hostname"] });
  const ask = (permission: string, value: string) => isGranted(permissions, { permission, value });
  assert.deepEqual([ask("env", "HOME"), ask("env", "APP_X"), ask("env", "XAPP_")], [
    true,
    true,
    false,
  ]);
  assert.deepEqual([ask("env", "PATH"), ask("env", "NODE_ENV")], [false, true]);
  assert.deepEqual([ask("run", "git"), ask("run", "gitk"), ask("run", "/x/git")], [
    true,
    false,
    false,
  ]);
  assert.deepEqual([ask("sys", "hostname"), ask("sys", "uid")], [true, false]);
  assert.deepEqual([ask("all", "x"), ask("__proto__", "x"), ask("constructor", "x")], [
    false,
    false,
    false,
  ]);
});

Deno.test("permissionFlags() and workerPermissions() say the same as the grants", () => {
  const permissions = grant({ read: ["/a,b", "/c"], net: ["x.org"] });
  assert.deepEqual(permissionFlags(permissions), ["--allow-read=/a,,b,/c", "--allow-net=x.org"]);
  assert.deepEqual(workerPermissions(permissions), { read: ["/a,b", "/c"], net: ["x.org"] });
  assert.equal(workerPermissions(noPermissions()), "none");
  assert.equal(isBlank(noPermissions()), true);
  assert.equal(isBlank(permissions), false);
});
