import { join } from "node:path";
import { generate } from "selfsigned";

/** An authority of a test, and what it signed for this machine. */
export interface Certificates {
  /** PEM text of the authority's certificate. */
  authority: string;
  /** Files, as `serve` and `DENO_CERT` take them. */
  authorityFile: string;
  certFile: string;
  keyFile: string;
}

const SUBJECT = { keyType: "ec", algorithm: "sha256" } as const;

/** Makes an authority and a certificate for `127.0.0.1` and `localhost` in a folder. */
export async function makeCertificates(folder: string): Promise<Certificates> {
  const authority = await generate([{ name: "commonName", value: "Denizen test authority" }], {
    ...SUBJECT,
    extensions: [{ name: "basicConstraints", cA: true }],
  });
  const own = await generate([{ name: "commonName", value: "localhost" }], {
    ...SUBJECT,
    ca: { cert: authority.cert, key: authority.private },
    extensions: [
      { name: "basicConstraints", cA: false },
      {
        name: "subjectAltName",
        altNames: [{ type: 7, ip: "127.0.0.1" }, { type: 2, value: "localhost" }],
      },
    ],
  });
  const certificates = {
    authority: authority.cert,
    authorityFile: join(folder, "authority.pem"),
    certFile: join(folder, "tls.crt"),
    keyFile: join(folder, "tls.key"),
  };
  await Deno.writeTextFile(certificates.authorityFile, authority.cert);
  await Deno.writeTextFile(certificates.certFile, own.cert);
  await Deno.writeTextFile(certificates.keyFile, own.private, { mode: 0o600 });
  return certificates;
}
