/**
 * A corpus of made-up secrets in many kinds of files, for tests. It is put together when it is
 * asked for: no whole secret stands in this repository, where scanners would rightly flag it.
 *
 * @module
 */

/** One planted secret: where it stands, and what must never be seen again. */
export interface PlantedSecret {
  path: string;
  /** From 1. */
  line: number;
  value: string;
  /** Rule that must find it. */
  rule: string;
}

/** Files by path, and what was planted in them. */
export interface PlantedCorpus {
  files: Record<string, string>;
  secrets: PlantedSecret[];
}

const UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const LOWER = UPPER.toLowerCase();
const DIGITS = "0123456789";
const ALNUM = UPPER + LOWER + DIGITS;
const HEX = `${DIGITS}abcdef`;

/** Texts that look random and are the same each time (xorshift32, G. Marsaglia, 2003). */
class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  text(alphabet: string, length: number): string {
    let made = "";
    while (made.length < length) {
      this.#state ^= this.#state << 13;
      this.#state ^= this.#state >>> 17;
      this.#state ^= this.#state << 5;
      made += alphabet[(this.#state >>> 0) % alphabet.length];
    }
    return made;
  }
}

type Planting = [path: string, rule: string, secret: string, line: (secret: string) => string];

/** The corpus of a seed: the same for the same seed. */
export function plantSecrets(seed = 20_260): PlantedCorpus {
  const dice = new Dice(seed);
  const lines = new Map<string, string[]>();
  const secrets: PlantedSecret[] = [];
  for (const [path, rule, value, write] of plantings(dice)) {
    const own = lines.get(path) ?? [`${commentMark(path)} Settings of the service`, ""];
    lines.set(path, own);
    const written = write(value).split("\n");
    const at = written.findIndex((line) => line.includes(value.split("\n")[0]!));
    secrets.push({ path, line: own.length + 1 + at, value, rule });
    own.push(...written, "");
  }
  const files = [...lines].map(([path, own]) => [path, `${own.join("\n")}\n`]);
  return { files: Object.fromEntries(files), secrets };
}

function commentMark(path: string): string {
  return /\.(?:ts|js|go|rs|java|cs|swift|kt|json|php|c)$/.test(path) ? "//" : "#";
}

function plantings(dice: Dice): Planting[] {
  return [
    ...ofClouds(dice),
    ...ofForges(dice),
    ...ofServices(dice),
    ...ofMachines(dice),
    ...ofPeople(dice),
  ];
}

function ofClouds(dice: Dice): Planting[] {
  const key = (length: number) => dice.text(ALNUM, length);
  return [
    [
      "deploy/aws.tf",
      "aws-access-key-id",
      `AKIA${dice.text(UPPER + "234567", 16)}`,
      (s) => `  access_key = "${s}"`,
    ],
    ["deploy/aws.tf", "aws-secret-access-key", key(40), (s) => `  secret_access_key = "${s}"`],
    ["src/upload.go", "aws-secret-access-key", key(40), (s) => `const awsSecretKey = "${s}"`],
    ["src/maps.ts", "google-api-key", `AIza${key(35)}`, (s) => `const maps = load("${s}");`],
    ["src/login.py", "google-oauth-secret", `GOCSPX-${key(28)}`, (s) => `CLIENT = "${s}"`],
    ["src/drive.rb", "google-oauth-token", `ya29.${key(60)}`, (s) => `client.auth "${s}"`],
    [
      "src/Storage.cs",
      "azure-storage-key",
      `${key(86)}==`,
      (s) => `var c = "DefaultEndpointsProtocol=https;AccountName=x;AccountKey=${s};";`,
    ],
    [
      "src/bus.properties",
      "azure-shared-access-key",
      `${key(43)}=`,
      (s) => `bus=Endpoint=sb://x.net/;SharedAccessKeyName=Root;SharedAccessKey=${s}`,
    ],
    [
      "src/azure.ts",
      "azure-client-secret",
      `${key(3)}8Q~${key(34)}`,
      (s) => `login({ with: "${s}" });`,
    ],
    [
      "deploy/do.yaml",
      "digitalocean-token",
      `dop_v1_${dice.text(HEX, 64)}`,
      (s) => `digitalocean: ${s}`,
    ],
    [
      "deploy/cloudflare.sh",
      "cloudflare-token",
      key(40),
      (s) => `export CLOUDFLARE_API_TOKEN=${s}`,
    ],
    [
      "deploy/heroku.json",
      "heroku-api-key",
      [8, 4, 4, 4, 12].map((n) => dice.text(HEX, n)).join("-"),
      (s) => `{ "heroku_api_key": "${s}" }`,
    ],
    [
      "deploy/vault.hcl",
      "vault-token",
      `hvs.${key(40)}`,
      (s) => `address = "x"\ntoken_file = "${s}"`,
    ],
    [
      "deploy/cloud.tf",
      "terraform-cloud-token",
      `${key(14)}.atlasv1.${key(64)}`,
      (s) => `credentials { token = "${s}" }`,
    ],
  ];
}

function ofForges(dice: Dice): Planting[] {
  const key = (length: number) => dice.text(ALNUM, length);
  return [
    [
      ".github/workflows/ci.yml",
      "github-token",
      `ghp_${key(36)}`,
      (s) => `      run: git clone x && use ${s}`,
    ],
    [
      "scripts/release.sh",
      "github-fine-grained-token",
      `github_pat_${key(22)}_${key(59)}`,
      (s) => `curl -H "X-Token: ${s}" https://example.org`,
    ],
    [".gitlab-ci.yml", "gitlab-token", `glpat-${key(20)}`, (s) => `  - login ${s}`],
    [".npmrc", "npm-token", `npm_${key(36)}`, (s) => `//registry.npmjs.org/:_authToken=${s}`],
    [".npmrc", "npmrc-auth", dice.text(ALNUM, 32), (s) => `//npm.example.org/:_auth=${s}`],
    ["setup.cfg", "pypi-token", `pypi-AgEIcHlwaS5vcmc${key(60)}`, (s) => `upload = ${s}`],
    ["Rakefile", "rubygems-token", `rubygems_${dice.text(HEX, 48)}`, (s) => `push "${s}"`],
    ["docs/publish.md", "crates-io-token", `cio${key(32)}`, (s) => `Run cargo login ${s} first.`],
    [
      "docker/config.json",
      "docker-auth",
      `${key(30)}==`,
      (s) => `{ "auths": { "x": { "auth": "${s}" } } }`,
    ],
    ["Dockerfile", "docker-hub-token", `dckr_pat_${key(27)}`, (s) => `RUN login ${s}`],
  ];
}

function ofServices(dice: Dice): Planting[] {
  const key = (length: number) => dice.text(ALNUM, length);
  const hex = (length: number) => dice.text(HEX, length);
  return [
    [
      "src/notify.js",
      "slack-token",
      `xoxb-${dice.text(DIGITS, 12)}-${dice.text(DIGITS, 12)}-${key(24)}`,
      (s) => `slack("${s}");`,
    ],
    [
      "src/notify.js",
      "slack-webhook",
      `T${key(8)}/B${key(8)}/${key(24)}`,
      (s) => `post("https://hooks.slack.com/services/${s}");`,
    ],
    [
      "src/pay.php",
      "stripe-secret-key",
      `sk_live_${key(24)}`,
      (s) => `<?php Stripe::setKey("${s}");`,
    ],
    ["src/pay.php", "stripe-webhook-secret", `whsec_${key(32)}`, (s) => `$hook = "${s}";`],
    [
      "src/Mail.java",
      "sendgrid-api-key",
      `SG.${key(22)}.${key(43)}`,
      (s) => `String mail = "${s}";`,
    ],
    ["src/mail.rs", "mailgun-api-key", `key-${hex(32)}`, (s) => `let mail = "${s}";`],
    ["src/mail.rs", "mailchimp-api-key", `${hex(32)}-us12`, (s) => `let list = "${s}";`],
    ["src/call.py", "twilio-api-key", `SK${hex(32)}`, (s) => `client = Client("${s}")`],
    ["src/call.py", "twilio-auth-token", hex(32), (s) => `TWILIO_AUTH_TOKEN = "${s}"`],
    ["src/shop.swift", "shopify-token", `shpat_${hex(32)}`, (s) => `let shop = "${s}"`],
    [
      "src/bot.kt",
      "telegram-bot-token",
      `${dice.text("123456789", 9)}:AA${key(33)}`,
      (s) => `val bot = "${s}"`,
    ],
    ["src/chat.ts", "openai-api-key", `sk-proj-${key(48)}`, (s) => `chat("${s}");`],
    ["src/chat.ts", "anthropic-api-key", `sk-ant-api03-${key(60)}`, (s) => `chat("${s}");`],
    [
      "notebook.py",
      "hugging-face-token",
      `hf_${dice.text(UPPER + LOWER, 34)}`,
      (s) => `login("${s}")`,
    ],
    ["ops/grafana.ini", "grafana-token", `glsa_${key(32)}_${hex(8)}`, (s) => `service = ${s}`],
    ["ops/newrelic.yml", "new-relic-key", `NRAK-${key(27)}`, (s) => `newrelic: ${s}`],
    [
      "ops/postman.sh",
      "postman-api-key",
      `PMAK-${hex(24)}-${hex(34)}`,
      (s) => `newman --with ${s}`,
    ],
    ["ops/databricks.cfg", "databricks-token", `dapi${hex(32)}`, (s) => `host = x\nuse = ${s}`],
  ];
}

function ofMachines(dice: Dice): Planting[] {
  const key = (length: number) => dice.text(ALNUM, length);
  const body = Array.from({ length: 6 }, () => dice.text(`${ALNUM}+/`, 64)).join("\n");
  const pem = (kind: string, text: string) =>
    `-----BEGIN ${kind}-----\n${text}\n-----END ${kind}-----`;
  const jwt = `eyJ${key(33)}.eyJ${key(60)}.${key(43)}`;
  return [
    ["certs/server.pem", "private-key", body, (s) => pem("RSA PRIVATE KEY", s)],
    [
      "src/sign.json",
      "private-key",
      `MII${key(200)}`,
      (s) => `{ "private_key": "${pem("PRIVATE KEY", s).replaceAll("\n", "\\n")}" }`,
    ],
    [
      "home/id_ed25519",
      "private-key",
      `b3BlbnNzaC1r${key(150)}`,
      (s) => pem("OPENSSH PRIVATE KEY", s),
    ],
    ["src/session.ts", "json-web-token", jwt, (s) => `const session = "${s}";`],
    ["src/api.c", "authorization-header", key(40), (s) => `add("Authorization: Bearer ${s}");`],
    [
      "src/random.ts",
      "high-entropy",
      dice.text(`${ALNUM}+`, 44),
      (s) => `const material = "${s}";`,
    ],
  ];
}

function ofPeople(dice: Dice): Planting[] {
  const chosen = (word: string) =>
    `${word}-${dice.text(LOWER + DIGITS, 4)}!${dice.text(DIGITS, 2)}`;
  return [
    [
      "src/db.ts",
      "url-credentials",
      chosen("Tulip"),
      (s) => `connect("postgres://app:${s}@db.internal:5432/app");`,
    ],
    [
      "src/cache.go",
      "url-credentials",
      chosen("Rose"),
      (s) => `dial("redis://:${s}@cache.internal:6379")`,
    ],
    [
      "src/Db.cs",
      "connection-string",
      chosen("Lily"),
      (s) => `var c = "Server=db;Database=app;User Id=sa;Password=${s};";`,
    ],
    [
      "src/Db.java",
      "connection-string",
      chosen("Iris"),
      (s) => `open("jdbc:mysql://db/app?user=app&password=${s}");`,
    ],
    [".env", "generic-credential", chosen("Daisy"), (s) => `DB_PASSWORD=${s}`],
    [
      "config/app.yaml",
      "generic-credential",
      chosen("Aster"),
      (s) => `database:\n  password: ${s}`,
    ],
    ["config/app.toml", "generic-credential", chosen("Poppy"), (s) => `[db]\npassword = "${s}"`],
    ["config/app.xml", "generic-credential", chosen("Violet"), (s) => `<password>${s}</password>`],
    [
      "config/app.json",
      "generic-credential",
      chosen("Clover"),
      (s) => `{ "db": { "password": "${s}" } }`,
    ],
    ["src/settings.py", "generic-credential", dice.text(ALNUM, 50), (s) => `SECRET_KEY = '${s}'`],
    ["src/client.rb", "generic-credential", dice.text(ALNUM, 24), (s) => `api_key: "${s}",`],
    ["scripts/load.ps1", "generic-credential", chosen("Lotus"), (s) => `$password = "${s}"`],
    [
      "scripts/call.sh",
      "curl-credentials",
      chosen("Fern"),
      (s) => `curl -u admin:${s} https://example.org`,
    ],
    [
      "home/.netrc",
      "netrc-password",
      chosen("Moss"),
      (s) => `machine example.org login me password ${s}`,
    ],
  ];
}
