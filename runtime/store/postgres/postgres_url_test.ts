import assert from "node:assert/strict";
import { parsePostgresUrl } from "./postgres_url.ts";

Deno.test("parsePostgresUrl() reads every part", () => {
  const address = parsePostgresUrl(
    "postgres://me:p%40ss@a.example,b.example:5433/app?schema=jobs&sslmode=require",
  );
  assert.deepEqual(address.hosts, [
    { name: "a.example", port: 5432 },
    { name: "b.example", port: 5433 },
  ]);
  assert.equal(address.schema, "jobs");
  assert.equal(
    address.urlOf(address.hosts[1]!),
    "postgres://me:p%40ss@b.example:5433/app?sslmode=require",
  );
});

Deno.test("parsePostgresUrl() fills in what is left out", () => {
  const { hosts, schema, urlOf } = parsePostgresUrl("postgresql://");
  assert.deepEqual([hosts, schema], [[{ name: "localhost", port: 5432 }], "denizen"]);
  assert.equal(urlOf(hosts[0]!), "postgres://localhost:5432/");
});

Deno.test("parsePostgresUrl() reads addresses of IPv6 and folders of Unix sockets", () => {
  const six = parsePostgresUrl("postgres://me@[::1]:6000/app");
  assert.deepEqual(six.hosts, [{ name: "::1", port: 6000 }]);
  assert.equal(six.urlOf(six.hosts[0]!), "postgres://me@[::1]:6000/app");
  const unix = parsePostgresUrl("postgres://me@%2Frun%2Fpostgresql/app");
  assert.deepEqual(unix.hosts, [{ name: "/run/postgresql", port: 5432 }]);
});

Deno.test("parsePostgresUrl() shows a URL without its password", () => {
  const { display } = parsePostgresUrl("postgres://me:s3cret@h,i:5/app?schema=x");
  assert.equal(display, "postgres://me@h,i:5/app?schema=x");
});

Deno.test("parsePostgresUrl() refuses what it does not understand, and tells no password", () => {
  const refused: Record<string, RegExp> = {
    "postgres://me:s3cret/x@h/app": /no PostgreSQL URL/,
    "postgres://me:s3cret/x@h": /no PostgreSQL URL/,
    "postgres://me:s3cret?x@h": /no PostgreSQL URL/,
    "postgres://h/app?shema=x": /"shema"/,
    "postgres://h/app?schema=No-Good": /schema "No-Good"/,
    "postgres://h/app?target_session_attrs=standby": /standby/,
    "postgres://h:99999/app": /"99999" is no port/,
    "postgres://h:x/app": /"h:x" is no host/,
    "mysql://me:s3cret@h/app": /no PostgreSQL URL/,
  };
  for (const [url, message] of Object.entries(refused)) {
    assert.throws(() => parsePostgresUrl(url), (error: Error & { code?: string }) => {
      assert.equal(error.code, "STORE_URL_WRONG");
      assert.match(error.message, message);
      assert.ok(!error.message.includes("s3cret"), error.message);
      return true;
    });
  }
});
