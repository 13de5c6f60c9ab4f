/**
 * Charts as inline SVG. Colours come from the page's custom properties, so that they follow its
 * light and dark themes.
 *
 * @module
 */
import { formatCount } from "./format.ts";
import { type Html, html } from "./html.ts";

/** One bar: parts are drawn one after the other. */
export interface Bar {
  label: string;
  parts: { value: number; color: string; name: string }[];
}

const ROW_HEIGHT = 30;
const LABEL_WIDTH = 150;
const VALUE_WIDTH = 90;
const WIDTH = 760;

/** Horizontal bars with their labels on the left and their sums at the end. */
export function barChart(title: string, bars: Bar[]): Html {
  const sums = bars.map(({ parts }) => parts.reduce((sum, { value }) => sum + value, 0));
  const longest = Math.max(1, ...sums);
  const scale = (WIDTH - LABEL_WIDTH - VALUE_WIDTH) / longest;
  const rows = bars.map((bar, at) => barRow(bar, sums[at]!, at * ROW_HEIGHT, scale));
  const height = Math.max(1, bars.length) * ROW_HEIGHT;
  return html`
    <svg class="chart" viewBox="0 0 ${WIDTH} ${height}" role="img"
      aria-label="${title}">${rows}</svg>
  `;
}

function barRow(bar: Bar, sum: number, y: number, scale: number): Html {
  let x = LABEL_WIDTH;
  const parts = bar.parts.filter(({ value }) => value > 0).map(({ value, color, name }) => {
    const width = Math.max(1, value * scale);
    const tip = `${bar.label}: ${formatCount(value)} ${name}`;
    const rect = html`
      <rect x="${round(x)}" y="${y + 6}" width="${round(width)}" height="${ROW_HEIGHT - 12}"
        fill="var(--${color})">
        <title>${tip}</title>
      </rect>
    `;
    x += width;
    return rect;
  });
  const middle = y + ROW_HEIGHT / 2;
  return html`
    <text class="label" x="${LABEL_WIDTH - 12}" y="${middle}">${shorten(
      bar.label,
      20,
    )}</text>${parts}<text class="value"
      x="${round(x + 8)}" y="${middle}">${formatCount(sum)}</text>
  `;
}

/** One tile of a treemap. */
export interface Tile {
  label: string;
  value: number;
  /** From 0 to 1: how strongly the tile is coloured. */
  heat: number;
  tip: string;
}

interface Placed {
  x: number;
  y: number;
  width: number;
  height: number;
  tile: Tile;
}

const TREEMAP_HEIGHT = 340;

/** Tiles whose areas are as their values. */
export function treemap(title: string, tiles: Tile[]): Html {
  const shown = tiles.filter(({ value }) => value > 0).sort((a, b) => b.value - a.value);
  const placed = squarify(shown, { x: 0, y: 0, width: WIDTH, height: TREEMAP_HEIGHT });
  return html`
    <svg class="chart" viewBox="0 0 ${WIDTH} ${TREEMAP_HEIGHT}" role="img"
      aria-label="${title}">${placed.map(tileMarkup)}</svg>
  `;
}

function tileMarkup({ x, y, width, height, tile }: Placed): Html {
  const mix = Math.round(8 + 52 * Math.min(1, tile.heat));
  const letters = Math.floor((width - 16) / 8.2);
  const fits = letters >= 4 && height >= 26;
  const label = html`<text class="tile" x="${round(x + 9)}" y="${round(y + 19)}">${
    shortenPath(tile.label, letters)
  }</text>`;
  const count = html`<text class="tile small" x="${round(x + 9)}" y="${round(y + 36)}">${
    formatCount(tile.value)
  }</text>`;
  return html`<g><title>${tile.tip}</title><rect x="${round(x + 1)}" y="${round(y + 1)}" width="${
    round(Math.max(0, width - 2))
  }" height="${
    round(Math.max(0, height - 2))
  }" rx="3" style="fill:color-mix(in oklab, var(--heat) ${mix}%, var(--paper))"/>${
    fits ? label : null
  }${fits && height >= 44 ? count : null}</g>`;
}

/**
 * Squarified treemap (M. Bruls, K. Huizing, J. van Wijk, 2000): rows along the shorter side, each
 * filled as long as its tiles become more square.
 */
export function squarify(
  tiles: Tile[],
  area: { x: number; y: number; width: number; height: number },
): Placed[] {
  const placed: Placed[] = [];
  let rest = { ...area };
  let left = tiles;
  while (left.length > 0) {
    const total = left.reduce((sum, { value }) => sum + value, 0);
    const scale = (rest.width * rest.height) / total;
    const side = Math.min(rest.width, rest.height);
    const count = rowLength(left.map(({ value }) => value * scale), side);
    rest = placeRow(left.slice(0, count), scale, rest, placed);
    left = left.slice(count);
  }
  return placed;
}

function rowLength(areas: number[], side: number): number {
  let best = Infinity;
  let sum = 0;
  for (const [at, area] of areas.entries()) {
    sum += area;
    const thickness = sum / side;
    const worst = Math.max(
      ...areas.slice(0, at + 1).map((one) => {
        const length = one / thickness;
        return Math.max(length / thickness, thickness / length);
      }),
    );
    if (worst > best) return at;
    best = worst;
  }
  return areas.length;
}

function placeRow(
  row: Tile[],
  scale: number,
  area: { x: number; y: number; width: number; height: number },
  placed: Placed[],
) {
  const sum = row.reduce((total, { value }) => total + value * scale, 0);
  const isWide = area.width >= area.height;
  const thickness = sum / (isWide ? area.height : area.width);
  let offset = 0;
  for (const tile of row) {
    const length = (tile.value * scale) / thickness;
    placed.push(
      isWide
        ? { x: area.x, y: area.y + offset, width: thickness, height: length, tile }
        : { x: area.x + offset, y: area.y, width: length, height: thickness, tile },
    );
    offset += length;
  }
  return isWide
    ? { ...area, x: area.x + thickness, width: area.width - thickness }
    : { ...area, y: area.y + thickness, height: area.height - thickness };
}

function shorten(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, Math.max(1, max - 1))}…`;
}

/** The end of a path says more than its start. */
function shortenPath(path: string, max: number): string {
  return path.length <= max ? path : `…${path.slice(1 - max)}`;
}

/** Two digits are enough for the eye, and the same on every machine. */
function round(value: number): number {
  return Math.round(value * 100) / 100;
}
