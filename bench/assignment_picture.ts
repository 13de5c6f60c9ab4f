/**
 * Regret over the tasks as a picture: one panel for each world, one line for each policy.
 *
 * @module
 */
import type { PolicyName } from "./assignment/play.ts";
import type { WorldReport } from "./assignment_report.ts";

const WIDTH = 400;
const HEIGHT = 240;
const MARGIN = { left: 46, right: 14, top: 30, bottom: 34 };
const COLUMNS = 2;
const LEGEND_HEIGHT = 34;

/** Those that are drawn, later ones above; random stands for all that do not learn. */
const LINES: readonly { policy: PolicyName; dash: string }[] = [
  { policy: "random", dash: "2 4" },
  { policy: "least-loaded", dash: "7 4" },
  { policy: "linucb", dash: "1 3" },
  { policy: "ucb1", dash: "9 3 2 3" },
  { policy: "best-mean", dash: "5 2" },
  { policy: "optimistic-mean", dash: "12 3" },
  { policy: "denizen", dash: "" },
];

const STYLE = `
  svg { --ground: #ffffff; --ink: #24292f; --faint: #d0d7de; --random: #6e7781;
    --least-loaded: #953800; --linucb: #6639ba; --ucb1: #1a7f37; --best-mean: #bf3989;
    --optimistic-mean: #9a6700; --denizen: #0550ae; }
  @media (prefers-color-scheme: dark) {
    svg { --ground: #0d1117; --ink: #e6edf3; --faint: #30363d; --random: #8b949e;
      --least-loaded: #f0883e; --linucb: #bc8cff; --ucb1: #56d364; --best-mean: #ff7bc5;
      --optimistic-mean: #e3b341; --denizen: #79c0ff; }
  }
  text { fill: var(--ink); font: 12px system-ui, sans-serif; }
  .title { font-weight: 600; }
  .line { fill: none; stroke-width: 1.6; }
  .denizen { stroke-width: 3; }
  .grid { stroke: var(--faint); stroke-width: 1; }`;

/** An SVG that stands by itself, for light and dark grounds. */
export function drawRegret(reports: readonly WorldReport[]): string {
  const rows = Math.ceil(reports.length / COLUMNS);
  const [width, height] = [COLUMNS * WIDTH, rows * HEIGHT + LEGEND_HEIGHT];
  const panels = reports.map((report, i) => {
    const at = `translate(${(i % COLUMNS) * WIDTH} ${Math.floor(i / COLUMNS) * HEIGHT})`;
    return `<g transform="${at}">\n${drawPanel(report)}\n</g>`;
  });
  const names = reports.map(({ world }) => world).join(", ");
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>Successes lost to the oracle by number of tasks: ${escapeText(names)}</title>`,
    `<style>${STYLE}\n</style>`,
    `<rect width="${width}" height="${height}" style="fill: var(--ground)"/>`,
    ...panels,
    `<g transform="translate(0 ${rows * HEIGHT})">\n${drawLegend()}\n</g>`,
    "</svg>\n",
  ].join("\n");
}

function drawPanel({ world, rows, curves }: WorldReport): string {
  const tasks = rows[0]!.tasks;
  const top = niceCeiling(Math.max(1, ...LINES.map(({ policy }) => curves[policy].at(-1)!)));
  const x = (share: number) => MARGIN.left + share * (WIDTH - MARGIN.left - MARGIN.right);
  const y = (regret: number) =>
    HEIGHT - MARGIN.bottom - regret / top * (HEIGHT - MARGIN.top - MARGIN.bottom);
  const grid = [0, 0.25, 0.5, 0.75, 1].flatMap((share) => [
    `<path class="grid" d="M${x(0)} ${y(share * top)}H${x(1)}"/>`,
    `<text x="${x(0) - 6}" y="${y(share * top) + 4}" text-anchor="end">${share * top}</text>`,
  ]);
  const ticks = [0, 0.5, 1].map((share) =>
    `<text x="${x(share)}" y="${HEIGHT - MARGIN.bottom + 16}" text-anchor="${
      share === 1 ? "end" : "middle"
    }">${Math.round(share * tasks)}${share === 1 ? " tasks" : ""}</text>`
  );
  const lines = LINES.map(({ policy, dash }) => {
    const points = curves[policy].map((regret, i) => `${fixed(x(i / 100))} ${fixed(y(regret))}`);
    return `<polyline ${strokeOf(policy, dash)} points="${points.join(" ")}"/>`;
  });
  const title = `<text class="title" x="${MARGIN.left}" y="20">${escapeText(world)}</text>`;
  return [title, ...grid, ...ticks, ...lines].join("\n");
}

function drawLegend(): string {
  const step = COLUMNS * WIDTH / LINES.length;
  return [...LINES].reverse().map(({ policy, dash }, i) => {
    const x = i * step + 14;
    return `<path ${strokeOf(policy, dash)} d="M${fixed(x)} 14h28"/>` +
      `<text x="${fixed(x + 34)}" y="18">${policy}</text>`;
  }).join("\n");
}

function strokeOf(policy: PolicyName, dash: string): string {
  const dashes = dash === "" ? "" : ` stroke-dasharray="${dash}"`;
  return `class="line ${policy}" style="stroke: var(--${policy})"${dashes}`;
}

/** The next short number of which a quarter is short, too. */
function niceCeiling(value: number): number {
  const unit = 10 ** Math.floor(Math.log10(value));
  return unit * [1, 1.2, 1.6, 2, 4, 6, 8, 10].find((step) => step * unit >= value)!;
}

function fixed(value: number): string {
  return value.toFixed(1);
}

function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
