import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { denizen, denizenArgs, withFolder } from "../cli/denizen_process.ts";
import { type Certificates, makeCertificates } from "./certificates.ts";

interface Ready {
  nodeId: string;
  url: string;
  apiKey: string | null;
}

/** A node over TLS; resolves with what it said on standard output. */
async function serve(
  folder: string,
  nodeId: string,
  { authorityFile, certFile, keyFile }: Certificates,
): Promise<{ ready: Ready; stop: () => Promise<number> }> {
  const child = new Deno.Command(Deno.execPath(), {
    args: denizenArgs([
      ...["serve", "--data", folder, "--node-id", nodeId, "--port", "0", "--json"],
      ...["--no-dashboard", "--no-examples", "--tls-cert", certFile, "--tls-key", keyFile],
    ]),
    env: { DENO_CERT: authorityFile },
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let line = "";
  while (!line.includes("\n")) {
    const { value, done } = await reader.read();
    assert.ok(!done, `node ${nodeId} ended: ${line}`);
    line += value;
  }
  return {
    ready: JSON.parse(line),
    stop: async () => {
      child.kill("SIGTERM");
      await reader.cancel();
      return (await child.status).code;
    },
  };
}

Deno.test("serve speaks HTTPS, to clients and between nodes", async () => {
  await withFolder({}, async (folder) => {
    const certificates = await makeCertificates(folder);
    const first = await serve(`${folder}/data`, "n1", certificates);
    const second = await serve(`${folder}/data`, "n2", certificates);
    const client = Deno.createHttpClient({ caCerts: [certificates.authority] });
    const get = async (url: string) => {
      const headers = { authorization: `Bearer ${first.ready.apiKey}` };
      const response = await fetch(url, { headers, client });
      return { status: response.status, body: await response.json() };
    };
    try {
      for (const { ready } of [first, second]) assert.match(ready.url, /^https:\/\/127\.0\.0\.1:/);
      // Each asks the other over the link: nobody is missing.
      for (const { ready: { url } } of [first, second]) {
        for (let tries = 0;; tries++) {
          const { status, body } = await get(`${url}/api/v1/overview`);
          assert.equal(status, 200);
          if (body.nodes.length === 2 && body.missing.length === 0) break;
          assert.ok(tries < 100, `the nodes do not reach each other: ${JSON.stringify(body)}`);
          await sleep(100);
        }
      }
      // Who does not know the authority is not let in, and neither is plain HTTP.
      await assert.rejects(fetch(`${first.ready.url}/livez`));
      await assert.rejects(fetch(`${first.ready.url.replace("https", "http")}/livez`));
    } finally {
      client.close();
      assert.deepEqual(await Promise.all([first.stop(), second.stop()]), [0, 0]);
    }
  });
});

Deno.test("serve refuses other machines in plain text, and half a certificate", async () => {
  await withFolder({ "no.pem": "nothing" }, async (folder) => {
    const refused = async (...args: string[]) => {
      const { code, err } = await denizen(["serve", "--data", "data", ...args], { cwd: folder });
      assert.equal(code, 2, err);
      return err;
    };
    assert.match(await refused("--host", "0.0.0.0"), /\[INSECURE_LISTEN\]/);
    assert.match(await refused("--tls-cert", "no.pem"), /\[OPTION_VALUE_WRONG\]/);
    const both = ["--tls-cert", "no.pem", "--tls-key", "no.pem"];
    assert.match(await refused(...both), /\[TLS_FILE_WRONG\]/);
  });
});
