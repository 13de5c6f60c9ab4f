import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { InvalidInputError } from "../../core/errors.ts";
import { type NodeLogOptions, openNodeLog } from "./node_log.ts";

const KEY = ["dnz", "01abcdef", "c2VjcmV0LXNlY3JldC1zZWNyZXQ"].join("_");

function linesOf(
  options: Partial<NodeLogOptions>,
  use: (log: ReturnType<typeof openNodeLog>) => void,
) {
  const lines: string[] = [];
  use(
    openNodeLog({ format: "json", level: "info", write: (line) => lines.push(line), ...options }),
  );
  return lines;
}

Deno.test("log() writes one JSON object a line, with time, level, message and ids", () => {
  const lines = linesOf({ node: "n1" }, (log) => {
    log.log("warn", "slow\ncommit \x1b[31m!", { run: "01R", task: "t[3]", trace: "0af7", ms: 12 });
  });
  assert.equal(lines.length, 1);
  assert.ok(lines[0]!.endsWith("}\n") && lines[0]!.indexOf("\n") === lines[0]!.length - 1);
  const { time, ...rest } = JSON.parse(lines[0]!);
  assert.ok(Math.abs(Date.parse(time) - Date.now()) < 60_000);
  assert.deepEqual(rest, {
    level: "warn",
    message: "slow\ncommit !",
    node: "n1",
    run: "01R",
    task: "t[3]",
    trace: "0af7",
    ms: 12,
  });
});

Deno.test("log() keeps its own words when a field has their name", () => {
  const [line] = linesOf({}, (log) => log.log("info", "true", { message: "forged", level: "x" }));
  const { message, level } = JSON.parse(line!);
  assert.deepEqual([message, level], ["true", "info"]);
});

Deno.test("log() leaves out what is less urgent than the level", () => {
  const lines = linesOf({ level: "warn" }, (log) => {
    for (const level of ["debug", "info", "warn", "error"] as const) log.log(level, level);
  });
  assert.deepEqual(lines.map((line) => JSON.parse(line).level), ["warn", "error"]);
});

Deno.test("log() takes secrets out of messages and fields, in both formats", () => {
  for (const format of ["json", "text"] as const) {
    const [line] = linesOf({ format }, (log) => {
      log.log("info", `signed in with ${KEY}`, {
        authorization: "plain words",
        url: "postgres://ada:hunter2@db/x",
        nested: { password: "hunter2" },
      });
    });
    for (const secret of [KEY, "plain words", "hunter2"]) assert.ok(!line!.includes(secret), line);
    assert.match(line!, /\[redacted\]/);
  }
});

Deno.test("log() writes text for people: no escape sequences, fields behind the message", () => {
  const [line] = linesOf({ format: "text", node: "n1" }, (log) => {
    log.log("error", "cannot \x1b]0;x\x07commit", { run: "01R", why: "no \x1b[2J space", left: 3 });
  });
  assert.ok(!line!.includes("\x1b"));
  assert.match(
    line!,
    /^\d\d:\d\d:\d\d error: cannot commit run=01R why="no .*space" left=3\n$/,
  );
});

Deno.test("log() writes the line also when a field is no JSON", () => {
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  const lines = linesOf({}, (log) => {
    log.log("info", "round", { circle });
    log.log("info", "long", { text: "x".repeat(100_000) });
  });
  assert.deepEqual(lines.map((line) => JSON.parse(line).message), ["round", "long"]);
  assert.ok(lines.every((line) => line.length < 40_000));
});

Deno.test("openNodeLog() rotates its file by size, and keeps so many older ones", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "node.log");
    const file = { path, maxBytes: 20_000, keep: 2 };
    const log = openNodeLog({ format: "json", level: "info", file, write: () => {} });
    for (let n = 0; n < 1_000; n++) {
      log.log("info", "a line of some length", { n });
      // What is written in one turn of the event loop goes to one file.
      if (n % 50 === 0) await sleep(5);
    }
    await log.close();
    const names = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
    assert.deepEqual(names, ["node.log", "node.log.1", "node.log.2"]);
    for (const name of names) assert.ok(Deno.statSync(join(folder, name)).size <= 30_000, name);
    const lines = Deno.readTextFileSync(path).trim().split("\n");
    assert.equal(JSON.parse(lines.at(-1)!).n, 999, "the last line is there after close()");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("openNodeLog() refuses a file that cannot be written", () => {
  const file = { path: "/no/such/folder/node.log", maxBytes: 1_000, keep: 1 };
  assert.throws(
    () => openNodeLog({ format: "json", level: "info", file }),
    (error) => error instanceof InvalidInputError && error.code === "LOG_FILE_UNUSABLE",
  );
});
