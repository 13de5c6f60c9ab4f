import assert from "node:assert/strict";
import { classifyLicence } from "./licences.ts";
import { isLicenceText, isManifest, isRequirements } from "./manifest_names.ts";
import { readCargoLock, readCargoToml } from "./manifests/cargo.ts";
import { readDenoJson, readDenoLock } from "./manifests/deno.ts";
import { readGoMod } from "./manifests/go.ts";
import { readPom } from "./manifests/maven.ts";
import { readPackageJson, readPackageLock } from "./manifests/npm.ts";
import { readPyproject, readRequirements } from "./manifests/python.ts";
import type { Manifest } from "./manifest.ts";
import { takeInventory } from "./inventory.ts";

/** `name range kind`, and the exact version in brackets. */
function said({ dependencies }: Manifest): string[] {
  return dependencies.map(({ name, range, kind, version }) =>
    `${name} ${range ?? "-"} ${kind}${version ? ` [${version}]` : ""}`
  );
}

Deno.test("readPackageJson() reads every section and the licence", () => {
  const manifest = readPackageJson(JSON.stringify({
    name: "app",
    version: "1.0.0",
    license: "MIT",
    dependencies: { a: "^1.0.0" },
    devDependencies: { b: "2.x" },
    peerDependencies: { c: "*" },
    optionalDependencies: { d: "~3" },
  }));
  assert.deepEqual(manifest.project, { name: "app", version: "1.0.0", licence: "MIT" });
  assert.deepEqual(said(manifest), ["a ^1.0.0 runtime", "b 2.x dev", "c * peer", "d ~3 optional"]);
});

Deno.test("readPackageLock() reads lock files of version 1 and 3", () => {
  const three = readPackageLock(JSON.stringify({
    packages: {
      "": { name: "app" },
      "node_modules/a": { version: "1.2.3", license: "ISC" },
      "node_modules/a/node_modules/@s/b": { version: "2.0.0", dev: true },
      "packages/own": { version: "1.0.0" },
      "node_modules/own": { link: true },
    },
  }));
  assert.deepEqual(said(three), ["a - runtime [1.2.3]", "@s/b - dev [2.0.0]"]);
  assert.equal(three.dependencies[0]?.licence, "ISC");
  const one = readPackageLock(JSON.stringify({
    dependencies: { a: { version: "1.0.0", dependencies: { b: { version: "2.0.0" } } } },
  }));
  assert.deepEqual(said(one), ["a - runtime [1.0.0]", "b - runtime [2.0.0]"]);
});

Deno.test("readDenoJson() and readDenoLock() read npm, jsr and https specifiers", () => {
  const manifest = readDenoJson(`{
    // comment
    "imports": {
      "zod": "npm:zod@4.1.0", "zod/": "npm:/zod@4.1.0/", "@s/x": "npm:@s/x@^2",
      "std": "jsr:@std/path@1", "oak": "https://deno.land/x/oak@v12.0.0/mod.ts", "own": "./mod.ts",
    },
  }`);
  assert.deepEqual(said(manifest), [
    "zod 4.1.0 runtime [4.1.0]",
    "@s/x ^2 runtime",
    "jsr:@std/path 1 runtime",
    "deno.land/x/oak v12.0.0 runtime [v12.0.0]",
  ]);
  const lock = readDenoLock(
    `{"version":"5","npm":{"@s/x@2.1.0_zod@4.1.0":{}},"jsr":{"@std/path@1.0.8":{}}}`,
  );
  assert.deepEqual(said(lock), ["@s/x - runtime [2.1.0]", "jsr:@std/path - runtime [1.0.8]"]);
});

Deno.test("readRequirements() reads PEP 508 lines and leaves options out", () => {
  const text = `# comment
-r other.txt
--index-url https://example.org
Requests[security]==2.31.0 ; python_version >= "3.8"
flask >=2,<3  # web
my_pkg @ https://example.org/x.whl
plain
./local
hashed==1.0 \\
    --hash=sha256:abc
`;
  assert.deepEqual(said(readRequirements(text)), [
    "requests ==2.31.0 runtime [2.31.0]",
    "flask >=2,<3 runtime",
    "my-pkg @ https://example.org/x.whl runtime",
    "plain - runtime",
    "hashed ==1.0 runtime [1.0]",
  ]);
});

Deno.test("readPyproject() reads PEP 621, dependency groups and Poetry", () => {
  const manifest = readPyproject(`
[project]
name = "app"
version = "1.0"
license = { text = "MIT" }
dependencies = ["httpx>=0.27"]
[project.optional-dependencies]
fast = ["uvloop"]
[dependency-groups]
test = ["pytest==8.0", { include-group = "x" }]
[build-system]
requires = ["hatchling"]
[tool.poetry.dependencies]
python = "^3.12"
django = { version = "^5", optional = true }
[tool.poetry.group.dev.dependencies]
black = "24.1"
`);
  assert.deepEqual(manifest.project, { name: "app", version: "1.0", licence: "MIT" });
  assert.deepEqual(said(manifest), [
    "httpx >=0.27 runtime",
    "uvloop - optional",
    "pytest ==8.0 dev [8.0]",
    "hatchling - build",
    "django ^5 optional",
    "black 24.1 dev",
  ]);
});

Deno.test("readGoMod() tells direct from indirect requirements", () => {
  const manifest = readGoMod(`module example.org/app

go 1.22

require (
	github.com/a/b v1.2.3
	golang.org/x/sys v0.1.0 // indirect
)
require github.com/c/d v0.0.0-20200101000000-abcdefabcdef
replace github.com/a/b => ../b
`);
  assert.equal(manifest.project?.name, "example.org/app");
  assert.deepEqual(manifest.dependencies.map(({ name, direct }) => [name, direct]), [
    ["github.com/a/b", true],
    ["golang.org/x/sys", false],
    ["github.com/c/d", true],
  ]);
});

Deno.test("readCargoToml() and readCargoLock() read all tables", () => {
  const manifest = readCargoToml(`
[package]
name = "app"
version = "0.1.0"
license = "MIT OR Apache-2.0"
[dependencies]
serde = { version = "1", features = ["derive"] }
renamed = { package = "real", version = "2" }
extra = { version = "3", optional = true }
[dev-dependencies]
insta = "1.4"
[target.'cfg(unix)'.dependencies]
libc = "0.2"
[workspace.dependencies]
tokio = "1"
`);
  assert.equal(manifest.project?.licence, "MIT OR Apache-2.0");
  assert.deepEqual(said(manifest), [
    "serde 1 runtime",
    "real 2 runtime",
    "extra 3 optional",
    "insta 1.4 dev",
    "tokio 1 runtime",
    "libc 0.2 runtime",
  ]);
  const lock = readCargoLock(
    `[[package]]\nname = "app"\nversion = "0.1.0"\n[[package]]\nname = "serde"\nversion = "1.0.2"\nsource = "registry"\n`,
  );
  assert.deepEqual(said(lock), ["serde - runtime [1.0.2]"]);
});

Deno.test("readPom() fills in properties and managed versions", () => {
  const manifest = readPom(`<?xml version="1.0"?>
<project><parent><groupId>org.x</groupId><version>9</version></parent><artifactId>app</artifactId>
<properties><v>1.2</v></properties>
<licenses><license><name>Apache-2.0</name></license></licenses>
<dependencyManagement><dependencies><dependency><groupId>g</groupId><artifactId>m</artifactId><version>7</version></dependency></dependencies></dependencyManagement>
<dependencies>
<dependency><groupId>g</groupId><artifactId>a</artifactId><version>\${v}</version></dependency>
<dependency><groupId>g</groupId><artifactId>m</artifactId></dependency>
<dependency><groupId>junit</groupId><artifactId>junit</artifactId><version>[4,5)</version><scope>test</scope></dependency>
</dependencies></project>`);
  assert.deepEqual(manifest.project, { name: "org.x:app", version: "9", licence: "Apache-2.0" });
  assert.deepEqual(said(manifest), [
    "g:a 1.2 runtime [1.2]",
    "g:m 7 runtime [7]",
    "junit:junit [4,5) dev",
  ]);
});

Deno.test("takeInventory() joins manifests, locks and installed licences, and masks addresses", async () => {
  const root = await Deno.makeTempDir({ prefix: "repo-audit-inventory-" });
  const write = async (path: string, text: string) => {
    await Deno.mkdir(`${root}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
    await Deno.writeTextFile(`${root}/${path}`, text);
  };
  try {
    const secret = `Tulip-${"9x8y"}!12`;
    const range = `git+https://me:${secret}@example.org/b.git`;
    await write("package.json", JSON.stringify({ dependencies: { a: "^1", b: range } }));
    await write(
      "package-lock.json",
      JSON.stringify({
        packages: {
          "node_modules/a": { version: "1.2.3" },
          "node_modules/deep": { version: "3.0.0", license: "0BSD" },
        },
      }),
    );
    await write("node_modules/a/package.json", JSON.stringify({ license: "MIT" }));
    await write(
      "LICENSE",
      "Permission is hereby granted, free of charge, to any person obtaining a copy",
    );
    await write("broken/package.json", `{ "password": "${secret}" `);
    await write("broken/pom.xml", `<project><a></project>${secret}`);
    const manifests = [
      "LICENSE",
      "broken/package.json",
      "broken/pom.xml",
      "package-lock.json",
      "package.json",
    ];
    const inventory = await takeInventory(root, manifests);
    assert.deepEqual(
      inventory.dependencies.map((
        { name, version, licence, direct },
      ) => [name, version, licence, direct]),
      [["a", "1.2.3", "MIT", true], ["b", null, null, true], ["deep", "3.0.0", "0BSD", false]],
    );
    assert.deepEqual(inventory.problems.map(({ path }) => path), [
      "broken/package.json",
      "broken/pom.xml",
    ]);
    assert.equal(inventory.projects.find(({ source }) => source === "LICENSE")?.licence, "MIT");
    assert.ok(!JSON.stringify(inventory).includes(secret));
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

Deno.test("classifyLicence() knows the common texts", () => {
  const cases: [string, string | null][] = [
    ["Apache License\n Version 2.0, January 2004", "Apache-2.0"],
    ["GNU GENERAL PUBLIC LICENSE\nVersion 3, 29 June 2007", "GPL-3.0"],
    ["GNU AFFERO GENERAL PUBLIC LICENSE\n   Version 3", "AGPL-3.0"],
    ["Redistribution and use in source and binary forms … Neither the name of", "BSD-3-Clause"],
    ["Redistribution and use in source and binary forms, with or without", "BSD-2-Clause"],
    ["Mozilla Public License Version 2.0", "MPL-2.0"],
    ["All rights reserved", null],
  ];
  for (const [text, licence] of cases) assert.equal(classifyLicence(text), licence, text);
});

Deno.test("isManifest() knows manifests by name", () => {
  assert.ok(
    ["a/package.json", "go.mod", "LICENSE", "x/COPYING.LESSER", "requirements-dev.txt"].every(
      isManifest,
    ),
  );
  assert.ok(!["package.jsonc", "license.ts", "requirements.py"].some(isManifest));
  assert.ok(isRequirements("dev-requirements.in") && !isRequirements("myrequirementsx.txt"));
  assert.ok(isLicenceText("LICENSE-MIT") && !isLicenceText("licensing.md"));
});
