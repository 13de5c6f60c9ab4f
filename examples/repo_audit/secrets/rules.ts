/**
 * Known shapes of secrets. Formats are those the issuers document; prefixes are written so that no
 * rule matches its own source.
 *
 * @module
 */
import type { Severity } from "../audit_types.ts";

/** One known shape. */
export interface SecretRule {
  id: string;
  title: string;
  severity: Severity;
  /** The rule is only tried on texts that hold one of these, compared in lower case. */
  keywords: string[];
  /** Global; its last group that took part is the secret, or else the whole match. */
  pattern: RegExp;
  /** The value may be short or guessable, so nothing is derived from it. */
  isGuessable?: boolean;
}

const B = String.raw`(?<![A-Za-z0-9_-])`;
const E = String.raw`(?![A-Za-z0-9_-])`;

/** A token with a prefix that no other text has. */
function token(
  id: string,
  title: string,
  severity: Severity,
  keywords: string[],
  body: string,
  flags = "g",
): SecretRule {
  return { id, title, severity, keywords, pattern: new RegExp(`${B}(${body})${E}`, flags) };
}

/** A value without a shape of its own, told by a word some characters before it. */
function nearby(
  id: string,
  title: string,
  severity: Severity,
  word: string,
  body: string,
): SecretRule {
  const between = String.raw`[\w.\- \t]{0,30}["'\x60]?\s{0,3}(?:=>|:=|[=:,(])\s{0,3}["'\x60]?`;
  const pattern = new RegExp(`${word}${between}(${body})${E}`, "gi");
  return { id, title, severity, keywords: [word.split("[")[0]!.toLowerCase()], pattern };
}

/** Tried in this order; where two match the same text, the first one has it. */
export const SECRET_RULES: SecretRule[] = [
  {
    id: "private-key",
    title: "Private key",
    severity: "critical",
    keywords: ["private key-----", "private key block-----"],
    pattern:
      /-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----(?:[\s"'`+,;]|\\[nr]){0,40}(?:[\w-]{1,30}: [^\n\\]{0,200}(?:[\s"'`+]|\\[nr]){1,40}){0,5}([A-Za-z0-9+/=]{32,4000}(?:[A-Za-z0-9+/=\s"'`,]|\\[nr]){0,20000})/g,
  },
  {
    id: "putty-private-key",
    title: "PuTTY private key",
    severity: "critical",
    keywords: ["putty-user-key-file"],
    pattern:
      /PuTTY-User-Key-File-[23]:[\s\S]{0,4000}?Private-Lines: \d+\s+([A-Za-z0-9+/=\s]{40,4000})/g,
  },
  token(
    "age-secret-key",
    "age secret key",
    "critical",
    ["age-secret-key-1"],
    "AGE-SECRET-KEY-1[0-9A-Z]{58}",
  ),
  token(
    "aws-access-key-id",
    "AWS access key id",
    "high",
    ["akia", "asia", "abia", "acca"],
    "(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}",
  ),
  nearby(
    "aws-secret-access-key",
    "AWS secret access key",
    "critical",
    "aws[\\w.\\- ]{0,20}(?:secret|key)",
    "[A-Za-z0-9/+]{40}",
  ),
  nearby(
    "aws-secret-access-key",
    "AWS secret access key",
    "critical",
    "secret[_-]?access[_-]?key",
    "[A-Za-z0-9/+]{40}",
  ),
  token(
    "github-token",
    "GitHub token",
    "critical",
    ["ghp_", "gho_", "ghu_", "ghs_", "ghr_"],
    "gh[pousr]_[A-Za-z0-9]{36,255}",
  ),
  token(
    "github-fine-grained-token",
    "GitHub fine-grained token",
    "critical",
    ["github_pat_"],
    "github_pat_[A-Za-z0-9_]{60,255}",
  ),
  token("gitlab-token", "GitLab token", "critical", [
    "glpat-",
    "gldt-",
    "glrt-",
    "glptt-",
    "glcbt-",
    "glsoat-",
    "glft-",
  ], "gl(?:pat|dt|rt|ptt|cbt|soat|ft)-[A-Za-z0-9_.-]{20,64}"),
  token("slack-token", "Slack token", "high", [
    "xoxb-",
    "xoxa-",
    "xoxp-",
    "xoxr-",
    "xoxs-",
    "xoxo-",
    "xoxe",
    "xapp-",
  ], "(?:xox[abposr]|xoxe(?:\\.xox[bp])?|xapp)-[A-Za-z0-9-]{10,250}"),
  {
    id: "slack-webhook",
    title: "Slack webhook",
    severity: "high",
    keywords: ["hooks.slack.com"],
    pattern: /hooks\.slack\.com\/(?:services|workflows|triggers)\/([A-Za-z0-9/_+-]{30,120})/g,
  },
  {
    id: "discord-webhook",
    title: "Discord webhook",
    severity: "high",
    keywords: ["/api/webhooks/"],
    pattern: /discord(?:app)?\.com\/api\/webhooks\/\d{15,21}\/([\w-]{60,80})/g,
  },
  nearby(
    "discord-bot-token",
    "Discord bot token",
    "high",
    "discord",
    "[MNO][A-Za-z\\d_-]{23,25}\\.[\\w-]{6}\\.[\\w-]{27,40}",
  ),
  token("stripe-secret-key", "Stripe secret key", "critical", [
    "sk_live_",
    "rk_live_",
    "sk_test_",
    "rk_test_",
  ], "(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{16,247}"),
  token(
    "stripe-webhook-secret",
    "Stripe webhook secret",
    "high",
    ["whsec_"],
    "whsec_[A-Za-z0-9+/=]{24,80}",
  ),
  token(
    "square-token",
    "Square token",
    "high",
    ["sq0atp-", "sq0csp-", "eaaa"],
    "sq0(?:atp|csp)-[\\w-]{22,43}|EAAA[\\w-]{60}",
  ),
  token(
    "shopify-token",
    "Shopify token",
    "high",
    ["shpat_", "shpca_", "shppa_", "shpss_"],
    "shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}",
  ),
  token("google-api-key", "Google API key", "high", ["aiza"], "AIza[\\w-]{35}"),
  token(
    "google-oauth-secret",
    "Google OAuth client secret",
    "high",
    ["gocspx-"],
    "GOCSPX-[\\w-]{28}",
  ),
  token(
    "google-oauth-token",
    "Google OAuth access token",
    "high",
    ["ya29."],
    "ya29\\.[\\w-]{30,300}",
  ),
  token(
    "azure-client-secret",
    "Azure client secret",
    "high",
    ["q~"],
    "[\\w~.]{3}\\dQ~[\\w~.-]{31,34}",
  ),
  {
    id: "azure-storage-key",
    title: "Azure storage account key",
    severity: "critical",
    keywords: ["accountkey="],
    pattern: /AccountKey=([A-Za-z0-9+/]{86}==)/gi,
  },
  {
    id: "azure-shared-access-key",
    title: "Azure shared access key",
    severity: "critical",
    keywords: ["sharedaccesskey="],
    pattern: /SharedAccessKey=([A-Za-z0-9+/]{42,43}=)/gi,
  },
  {
    id: "azure-sas-signature",
    title: "Azure shared access signature",
    severity: "high",
    keywords: ["sig="],
    pattern: /[?&](?:sv|se|sp)=[^\s"'`]{1,300}?[?&]sig=([A-Za-z0-9%+/]{40,80}(?:%3D|=)?)/g,
  },
  token("twilio-api-key", "Twilio API key", "high", ["sk"], "SK[0-9a-f]{32}"),
  nearby("twilio-auth-token", "Twilio auth token", "high", "twilio", "[0-9a-f]{32}"),
  token(
    "sendgrid-api-key",
    "SendGrid API key",
    "high",
    ["sg."],
    "SG\\.[\\w-]{20,24}\\.[\\w-]{39,50}",
  ),
  token("mailgun-api-key", "Mailgun API key", "high", ["key-"], "key-[0-9a-f]{32}"),
  token("mailchimp-api-key", "Mailchimp API key", "high", ["-us"], "[0-9a-f]{32}-us\\d{1,2}"),
  token("npm-token", "npm access token", "critical", ["npm_"], "npm_[A-Za-z0-9]{36}"),
  {
    id: "npmrc-auth",
    title: "npm registry credentials",
    severity: "high",
    keywords: ["_authtoken", "_auth", "_password"],
    pattern: /:_(?:authToken|auth|password)\s*=\s*["']?([^\s"'$]{8,300})/gi,
  },
  token("pypi-token", "PyPI token", "critical", ["pypi-"], "pypi-[A-Za-z0-9_-]{50,250}"),
  token("rubygems-token", "RubyGems API key", "critical", ["rubygems_"], "rubygems_[a-f0-9]{48}"),
  token("crates-io-token", "crates.io token", "critical", ["cio"], "cio[A-Za-z0-9]{32}"),
  token("nuget-api-key", "NuGet API key", "critical", ["oy2"], "oy2[a-z0-9]{43}"),
  token(
    "docker-hub-token",
    "Docker Hub token",
    "high",
    ["dckr_pat_", "dckr_oat_"],
    "dckr_[po]at_[\\w-]{27,40}",
  ),
  token(
    "digitalocean-token",
    "DigitalOcean token",
    "critical",
    ["dop_v1_", "doo_v1_", "dor_v1_"],
    "do[opr]_v1_[a-f0-9]{64}",
  ),
  token("heroku-api-key", "Heroku API key", "high", ["hrku-"], "HRKU-[\\w-]{36,64}"),
  nearby(
    "heroku-api-key",
    "Heroku API key",
    "high",
    "heroku",
    "[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}",
  ),
  nearby(
    "cloudflare-token",
    "Cloudflare API token",
    "high",
    "cloudflare",
    "[\\w-]{40}|[0-9a-f]{37}",
  ),
  nearby(
    "datadog-api-key",
    "Datadog API key",
    "high",
    "(?:datadog|dd_api)",
    "[0-9a-f]{40}|[0-9a-f]{32}",
  ),
  token("databricks-token", "Databricks token", "high", ["dapi"], "dapi[a-f0-9]{32}(?:-\\d)?"),
  token("anthropic-api-key", "Anthropic API key", "high", ["sk-ant-"], "sk-ant-[\\w-]{30,200}"),
  token(
    "openai-api-key",
    "OpenAI API key",
    "high",
    ["sk-"],
    "sk-(?:proj|svcacct|admin|None)-[\\w-]{30,200}|sk-[A-Za-z0-9]{48}|sk-[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}",
  ),
  token("openrouter-api-key", "OpenRouter API key", "high", ["sk-or-"], "sk-or-v1-[0-9a-f]{64}"),
  token(
    "hugging-face-token",
    "Hugging Face token",
    "high",
    ["hf_", "api_org_"],
    "(?:hf|api_org)_[A-Za-z]{34}",
  ),
  token("replicate-token", "Replicate token", "high", ["r8_"], "r8_[A-Za-z0-9]{37}"),
  token("linear-api-key", "Linear API key", "high", ["lin_api_"], "lin_api_[A-Za-z0-9]{40}"),
  token(
    "notion-token",
    "Notion token",
    "high",
    ["ntn_", "secret_"],
    "ntn_[A-Za-z0-9]{40,50}|secret_[A-Za-z0-9]{43}",
  ),
  token("postman-api-key", "Postman API key", "high", ["pmak-"], "PMAK-[a-f0-9]{24}-[a-f0-9]{34}"),
  token(
    "new-relic-key",
    "New Relic key",
    "high",
    ["nrak-", "nrjs-", "nrii-"],
    "NR(?:AK|JS|II)-[A-Za-z0-9_-]{19,32}",
  ),
  token(
    "grafana-token",
    "Grafana token",
    "high",
    ["glsa_", "glc_"],
    "glsa_[A-Za-z0-9]{32}_[A-Fa-f0-9]{8}|glc_[A-Za-z0-9+/]{32,400}={0,2}",
  ),
  token(
    "sentry-token",
    "Sentry token",
    "high",
    ["sntrys_", "sntryu_"],
    "sntry[su]_[A-Za-z0-9+/=_]{40,300}",
  ),
  token(
    "terraform-cloud-token",
    "Terraform Cloud token",
    "critical",
    [".atlasv1."],
    "[A-Za-z0-9]{14}\\.atlasv1\\.[\\w-]{60,70}",
  ),
  token(
    "vault-token",
    "HashiCorp Vault token",
    "critical",
    ["hvs.", "hvb."],
    "hv[sb]\\.[\\w-]{24,300}",
  ),
  token(
    "atlassian-token",
    "Atlassian API token",
    "high",
    ["atatt3", "atctt3"],
    "AT[AC]TT3[\\w=-]{50,250}",
  ),
  token("telegram-bot-token", "Telegram bot token", "high", [":aa"], "\\d{8,10}:AA[\\w-]{33}"),
  token(
    "facebook-access-token",
    "Facebook access token",
    "high",
    ["eaa"],
    "EAA[CM][A-Za-z0-9]{80,300}",
  ),
  token(
    "doppler-token",
    "Doppler token",
    "high",
    ["dp."],
    "dp\\.(?:pt|st|ct|sa|scim|audit)\\.[\\w.-]{40,70}",
  ),
  token("pulumi-token", "Pulumi token", "high", ["pul-"], "pul-[a-f0-9]{40}"),
  token(
    "planetscale-token",
    "PlanetScale credential",
    "high",
    ["pscale_"],
    "pscale_(?:tkn|pw|oauth)_[\\w.=-]{32,64}",
  ),
  token(
    "supabase-token",
    "Supabase token",
    "high",
    ["sbp_", "sb_secret_"],
    "sbp_[a-f0-9]{40}|sb_secret_[\\w-]{31,40}",
  ),
  token("figma-token", "Figma token", "high", ["figd_"], "figd_[\\w-]{40,64}"),
  token("jfrog-token", "JFrog token", "high", ["akcp"], "AKCp[A-Za-z0-9]{60,80}"),
  token(
    "dynatrace-token",
    "Dynatrace token",
    "high",
    ["dt0c01."],
    "dt0c01\\.[A-Z0-9]{24}\\.[A-Z0-9]{64}",
  ),
  token(
    "json-web-token",
    "JSON Web Token",
    "medium",
    ["eyj"],
    "eyJ[\\w-]{10,2000}\\.eyJ[\\w-]{10,4000}\\.[\\w-]{20,1000}",
  ),
  {
    id: "url-credentials",
    title: "Password in a URL",
    severity: "high",
    keywords: ["://"],
    pattern: /[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:@/"'`<>?#]{0,80}:([^\s@/"'`<>]{3,120})@[\w[{$.-]/gi,
    isGuessable: true,
  },
  {
    id: "connection-string",
    title: "Password in a connection string",
    severity: "high",
    keywords: ["password", "pwd"],
    pattern:
      /(?:server|data source|host|address|uid|user id|username|user|database)\s?=[^"'\n]{1,200}?;\s?(?:password|pwd)\s?=\s?([^;"'\s]{4,120})/gi,
    isGuessable: true,
  },
  {
    id: "connection-string",
    title: "Password in a connection string",
    severity: "high",
    keywords: ["password"],
    pattern:
      /(?:host|dbname|user|port|sslmode)=[^\s,]+(?: \w+=[^\s,]+){0,6}? password=([^\s"'`,)]{4,120})/gi,
    isGuessable: true,
  },
  {
    id: "connection-string",
    title: "Password in a connection string",
    severity: "high",
    keywords: ["jdbc:"],
    pattern: /jdbc:[^\s"'`]{5,200}?[?&;](?:password|pwd)=([^&;\s"'`<]{3,120})/gi,
    isGuessable: true,
  },
  {
    id: "authorization-header",
    title: "Credentials in an Authorization header",
    severity: "high",
    keywords: ["bearer ", "basic ", "token "],
    pattern:
      /authorization["']?\s{0,3}[:=,]\s{0,3}["'`]?(?:bearer|basic|token)\s{1,3}([\w.~+/-]{16,2000}={0,2})/gi,
    isGuessable: true,
  },
  {
    id: "curl-credentials",
    title: "Credentials on a command line",
    severity: "high",
    keywords: ["curl"],
    pattern: /\bcurl\b[^\n]{0,200}?\s(?:-u|--user)[ =]?["']?[\w.@-]{1,60}:([^\s"'`]{4,120})/g,
    isGuessable: true,
  },
  {
    id: "netrc-password",
    title: "Password in a netrc file",
    severity: "high",
    keywords: ["machine "],
    pattern: /\bmachine\s+\S{1,200}\s+login\s+\S{1,200}\s+password\s+(\S{3,200})/g,
    isGuessable: true,
  },
  {
    id: "docker-auth",
    title: "Docker registry credentials",
    severity: "high",
    keywords: ['"auth"'],
    pattern: /"auth"\s*:\s*"([A-Za-z0-9+/]{16,400}={0,2})"/g,
    isGuessable: true,
  },
  {
    id: "password-hash",
    title: "Password hash",
    severity: "medium",
    keywords: ["$2a$", "$2b$", "$2y$", "$6$", "$5$", "$argon2"],
    pattern:
      /(\$(?:2[aby]\$\d\d\$[./A-Za-z0-9]{53}|[56]\$(?:rounds=\d+\$)?[./A-Za-z0-9]{8,16}\$[./A-Za-z0-9]{43,86}|argon2(?:id|i|d)\$v=\d+\$[\w=,]{5,40}\$[A-Za-z0-9+/]{11,64}\$[A-Za-z0-9+/]{16,128}))/g,
    isGuessable: true,
  },
];
