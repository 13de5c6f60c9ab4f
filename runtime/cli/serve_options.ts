/**
 * What the options of `serve` mean.
 *
 * @module
 */
import { readFile } from "node:fs/promises";
import { formatDuration, parseDurationMs } from "../../core/duration.ts";
import { InvalidInputError } from "../../core/errors.ts";
import { SHARED_PARTITIONS_MAX } from "../../core/partitions.ts";
import type { ServerOptions } from "../server/mod.ts";
import type { NodeLogLevel, NodeLogOptions } from "../telemetry/mod.ts";
import type { Invocation } from "./command.ts";

const HOST = "127.0.0.1";
const PORT = 7717;
/** Longer ones would keep everybody waiting who looks whether a node lives. */
const ELECTION_TIMEOUT_MS_MAX = 60_000;
/** Shorter ones would take a pause of the garbage collector for a death. */
const ELECTION_TIMEOUT_MS_MIN = 100;
const LOG_LEVELS: readonly NodeLogLevel[] = ["debug", "info", "warn", "error"];
const LOG_FORMATS: readonly NodeLogOptions["format"][] = ["text", "json"];
/** A log file is rotated at 10 MiB; nine older ones are kept. */
const LOG_FILE = { maxBytes: 10 * 1024 * 1024, keep: 9 };

/** What the command line says of the server itself. */
export type ServeOptions = Omit<
  ServerOptions,
  "version" | "dataDir" | "store" | "onStage" | "onNotice" | "onFault"
>;

/** @throws {InvalidInputError} `OPTION_VALUE_WRONG`, `TLS_FILE_WRONG` */
export async function readServeOptions(invocation: Invocation): Promise<ServeOptions> {
  const { text, texts, flag, positionals } = invocation;
  const partitions = text("partitions");
  return {
    nodeId: readName(text("node-id")),
    host: text("host") ?? HOST,
    port: readNumber("port", text("port") ?? String(PORT), 65_535),
    ...(partitions === undefined
      ? {}
      : { partitions: readNumber("partitions", partitions, SHARED_PARTITIONS_MAX) }),
    electionTimeoutMs: readDuration("election-timeout", text("election-timeout") ?? "1s"),
    drainMs: readDuration("drain-timeout", text("drain-timeout") ?? "30s"),
    tls: await readTls(text("tls-cert"), text("tls-key")),
    isInsecureAllowed: flag("insecure-http"),
    allowedHosts: texts("allowed-host"),
    corsOrigins: texts("cors-origin"),
    hasDashboard: !flag("no-dashboard"),
    hasExamples: !flag("no-examples"),
    files: positionals,
  };
}

/** @throws {InvalidInputError} `OPTION_VALUE_WRONG` */
export function readLogOptions({ text, isJson }: Invocation): Omit<NodeLogOptions, "write"> {
  const format = oneOf("log-format", text("log-format") ?? (isJson ? "json" : "text"), LOG_FORMATS);
  const level = oneOf("log-level", text("log-level") ?? "info", LOG_LEVELS);
  const path = text("log-file");
  return { format, level, ...(path === undefined ? {} : { file: { path, ...LOG_FILE } }) };
}

/** Whether somebody chose the port. */
export function isPortChosen({ text }: Invocation): boolean {
  return text("port") !== undefined;
}

async function readTls(
  certFile: string | undefined,
  keyFile: string | undefined,
): Promise<ServeOptions["tls"]> {
  if (certFile === undefined && keyFile === undefined) return undefined;
  if (certFile === undefined || keyFile === undefined) {
    const [given, missing] = certFile === undefined ? ["key", "cert"] : ["cert", "key"];
    throw new InvalidInputError("OPTION_VALUE_WRONG", {
      message: `Cannot use --tls-${given} alone`,
      hint: `Give --tls-${missing} FILE as well`,
    });
  }
  return { cert: await readPem(certFile), key: await readPem(keyFile) };
}

async function readPem(file: string): Promise<string> {
  const content = await readFile(file, "utf8").catch((error) => {
    throw pemWrong(file, `it cannot be read (${(error as { code?: string }).code ?? "unknown"})`);
  });
  if (content.includes("-----BEGIN ")) return content;
  throw pemWrong(file, "it is no PEM file");
}

function pemWrong(file: string, why: string): InvalidInputError {
  return new InvalidInputError("TLS_FILE_WRONG", {
    message: `Cannot use "${file}" for TLS: ${why}`,
    hint: "Give PEM files: the certificate with its chain, and its key without a passphrase",
  });
}

function readName(name: string | undefined): string | undefined {
  if (name === undefined || /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(name)) return name;
  throw wrong("node-id", name, "Use 1 to 63 letters, digits, dots, dashes and underscores");
}

function readNumber(option: string, text: string, max: number): number {
  const value = Number(text);
  const min = option === "port" ? 0 : 1;
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw wrong(option, text, `Give a whole number from ${min} to ${max}`);
}

function readDuration(option: string, text: string): number {
  const ms = parseDurationMs(text);
  const [min, max] = option === "election-timeout"
    ? [ELECTION_TIMEOUT_MS_MIN, ELECTION_TIMEOUT_MS_MAX]
    : [0, 60 * 60_000];
  if (ms !== null && ms >= min && ms <= max) return ms;
  const range = `from ${formatDuration(min)} to ${formatDuration(max)}`;
  throw wrong(option, text, `Give a duration ${range}: 500ms, 1s, 30s`);
}

function oneOf<Word extends string>(option: string, text: string, words: readonly Word[]): Word {
  const word = words.find((word) => word === text);
  if (word !== undefined) return word;
  throw wrong(option, text, `Use one of: ${words.join(", ")}`);
}

function wrong(option: string, text: string, hint: string): InvalidInputError {
  const message = `Cannot use --${option} "${text}"`;
  return new InvalidInputError("OPTION_VALUE_WRONG", { message, hint });
}
