/**
 * Values as people read them: durations, ages, sizes, counts.
 *
 * @module
 */
const UNITS: [name: string, ms: number][] = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
];

/** `1.2 s`, `3 min 4 s`, `2 d 5 h`: two units at most. */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms)) return "–";
  if (ms < 1) return "0 ms";
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 10_000) return `${(ms / 1_000).toFixed(1)} s`;
  if (Math.round(ms / 1_000) < 60) return `${Math.round(ms / 1_000)} s`;
  return formatLong(ms);
}

function formatLong(ms: number): string {
  // Rounded first, so that no unit comes out as full as the next larger one.
  const whole = ms < 3_600_000 ? Math.round(ms / 1_000) * 1_000 : Math.round(ms / 60_000) * 60_000;
  const at = UNITS.findIndex(([, unit]) => whole >= unit);
  const [name, unit] = UNITS[at]!;
  const [smallName, small] = UNITS[at + 1] ?? ["s", 1_000];
  const rest = Math.floor((whole % unit) / small);
  const head = `${Math.floor(whole / unit)} ${name}`;
  return rest === 0 ? head : `${head} ${rest} ${smallName}`;
}

/** `just now`, `12 s ago`, `in 3 min`, `2 d ago`. */
export function formatAge(at: number, now: number): string {
  const ms = now - at;
  const size = Math.abs(ms);
  if (size < 2_000) return "just now";
  const [name, unit] = UNITS.find(([, unit]) => size >= unit) ?? ["s", 1_000];
  const text = `${Math.floor(size / unit)} ${name}`;
  return ms > 0 ? `${text} ago` : `in ${text}`;
}

/** `512 B`, `12.3 kB`, `4.1 MB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  const names = ["kB", "MB", "GB", "TB"];
  const power = Math.min(Math.floor(Math.log10(bytes) / 3), names.length);
  return `${(bytes / 1_000 ** power).toFixed(1)} ${names[power - 1]}`;
}

const COUNTS = new Intl.NumberFormat("en-GB");

/** `12,345`. */
export function formatCount(count: number): string {
  return COUNTS.format(count);
}

/** `1 run`, `2 runs`. */
export function formatPlural(count: number, noun: string, plural = `${noun}s`): string {
  return `${formatCount(count)} ${count === 1 ? noun : plural}`;
}

/** `82 %`: a share between 0 and 1. */
export function formatShare(share: number): string {
  return `${Math.round(share * 100)} %`;
}

const DOLLARS = new Intl.NumberFormat("en-GB", { maximumSignificantDigits: 3 });

/** `$0.002`, `nothing`: three digits that count. */
export function formatCost(usd: number): string {
  return usd === 0 ? "nothing" : `$${DOLLARS.format(usd)}`;
}
