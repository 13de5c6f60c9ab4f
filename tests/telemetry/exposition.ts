/**
 * Reads Prometheus' text format and says what is wrong with it, as far as `promtool check metrics`
 * would: for machines without promtool.
 * https://github.com/prometheus/docs/blob/main/docs/instrumenting/exposition_formats.md
 *
 * @module
 */

export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

export interface Family {
  name: string;
  type: string;
  help: string;
  samples: Sample[];
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/gy;
/** What samples of a histogram may be called beside its name. */
const SUFFIXES = ["_bucket", "_sum", "_count"];

/** The families of a text. Throws at the first line that is none of the format. */
export function parseExposition(text: string): Family[] {
  if (!text.endsWith("\n")) throw new Error("The last line has no end");
  const families = new Map<string, Family>();
  let current: Family | null = null;
  for (const line of text.split("\n")) {
    if (line.trim() === "") continue;
    const [, kind, name, rest] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (kind === undefined) current!.samples.push(parseSample(line, current!));
    else if (kind === "HELP") {
      if (families.has(name!)) throw new Error(`${name} is declared twice`);
      families.set(name!, current = { name: name!, type: "", help: rest!, samples: [] });
    } else if (current?.name !== name) throw new Error(`${name} has a type and no help`);
    else current!.type = rest!;
  }
  return [...families.values()];
}

function parseSample(line: string, { name: family, type }: Family): Sample {
  const [, name, body, value] = SAMPLE.exec(line) ?? [];
  if (name === undefined) throw new Error(`No sample: ${line}`);
  const isOwn = name === family ||
    (type === "histogram" && SUFFIXES.some((suffix) => name === family + suffix));
  if (!isOwn) throw new Error(`${name} stands below ${family}`);
  if (!/^[+-]?(Inf|NaN|[\d.]+(e[+-]?\d+)?)$/.test(value!)) throw new Error(`No number: ${line}`);
  return {
    name,
    labels: parseLabels(body ?? "", line),
    value: Number(value!.replace("Inf", "Infinity")),
  };
}

function parseLabels(body: string, line: string): Record<string, string> {
  const labels: Record<string, string> = {};
  let end = 0;
  for (const match of body.matchAll(LABEL)) {
    labels[match[1]!] = match[2]!;
    end = match.index + match[0].length;
  }
  if (end !== body.length) throw new Error(`Labels cannot be read: ${line}`);
  return labels;
}

/** What Prometheus' own conventions refuse; nothing when all is well. */
export function lintExposition(families: readonly Family[]): string[] {
  return families.flatMap((family) => [...lintFamily(family)]);
}

function* lintFamily({ name, type, help, samples }: Family): Iterable<string> {
  if (!NAME.test(name)) yield `${name}: not a name`;
  if (help === "") yield `${name}: no help`;
  if (!["counter", "gauge", "histogram", "summary"].includes(type)) yield `${name}: type "${type}"`;
  if ((type === "counter") !== name.endsWith("_total")) yield `${name}: _total is for counters`;
  if (/_(ms|milliseconds|minutes|hours|kb|mb|percent)(_|$)/.test(name)) yield `${name}: base units`;
  if (name.includes(type) && type !== "") yield `${name}: type in the name`;
  const seen = new Set<string>();
  for (const sample of samples) {
    const key = JSON.stringify([sample.name, Object.entries(sample.labels).sort()]);
    if (seen.has(key)) yield `${name}: sample twice: ${key}`;
    seen.add(key);
    if (type === "counter" && !(sample.value >= 0)) yield `${name}: counter below zero`;
  }
}
