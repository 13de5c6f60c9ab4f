/**
 * Writes labels into the picture, in the colours of the theme.
 *
 * @module
 */
import type { Settings } from "sigma/settings";
import type { NodeDisplayData, PartialButFor } from "sigma/types";
import type { PicturePalette } from "./picture_palette.ts";

type Labelled = PartialButFor<NodeDisplayData, "x" | "y" | "size" | "label" | "color">;

const GAP = 4;

/** A label beside its node. */
export function drawLabel(
  context: CanvasRenderingContext2D,
  { x, y, size, label }: Labelled,
  { labelSize, labelFont, labelColor }: Settings,
  palette: PicturePalette,
): void {
  if (!label) return;
  context.font = `${labelSize}px ${labelFont}`;
  // A rim in the colour of the ground: edges do not run through the letters.
  context.lineWidth = 3;
  context.lineJoin = "round";
  context.strokeStyle = palette.ground;
  const left = besideOf(context, { x, room: size + GAP, width: context.measureText(label).width });
  context.strokeText(label, left, y + labelSize / 3);
  context.fillStyle = labelColor.color!;
  context.fillText(label, left, y + labelSize / 3);
}

/** Right of the node; left of it where the picture ends before the label does, if there it fits. */
function besideOf(
  context: CanvasRenderingContext2D,
  { x, room, width }: { x: number; room: number; width: number },
): number {
  // Sigma scales its canvases by the pixels of the screen.
  const end = context.canvas.width / context.getTransform().a;
  const right = x + room;
  const left = x - room - width;
  return right + width > end && left > 0 ? left : right;
}

/** A ring around the node and its label on a ground of its own: it is selected, or pointed at. */
export function drawHover(
  context: CanvasRenderingContext2D,
  data: Labelled,
  settings: Settings,
  palette: PicturePalette,
): void {
  const { x, y, size, label } = data;
  const { labelSize, labelFont } = settings;
  context.lineWidth = 2.5;
  context.strokeStyle = palette.accent;
  context.beginPath();
  context.arc(x, y, size + 4, 0, 2 * Math.PI);
  context.stroke();
  if (!label) return;
  context.font = `600 ${labelSize}px ${labelFont}`;
  const width = context.measureText(label).width;
  const left = besideOf(context, { x, room: size + GAP + 4, width });
  context.fillStyle = palette.surface;
  context.strokeStyle = palette.line;
  context.lineWidth = 1;
  context.beginPath();
  context.roundRect(left - 5, y - labelSize / 2 - 5, width + 10, labelSize + 10, 5);
  context.fill();
  context.stroke();
  context.fillStyle = palette.text;
  context.fillText(label, left, y + labelSize / 3);
}
