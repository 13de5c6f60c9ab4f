import type { Invocation } from "./command.ts";
import { EXIT } from "./exit_status.ts";
import { type Color, painter } from "./palette.ts";
import { plainText } from "./plain_text.ts";
import type { Check } from "./doctor_check.ts";
import { checkStore } from "./storage_checks.ts";
import { checkDeno, checkLimits, checkMachine, checkPackages } from "./system_checks.ts";

const MARKS: Readonly<Record<Check["status"], string>> = { green: "✓", yellow: "!", red: "✗" };

/** `doctor`: exit 1 only when something is missing that Denizen needs. */
export async function doctor({ dataDir, store, terminal, isJson }: Invocation): Promise<number> {
  const checks = [
    ...checkDeno(),
    ...checkMachine(),
    ...(await Promise.all([checkStore({ dataDir, store }), checkPackages(), checkLimits()])).flat(),
  ];
  const status =
    (["red", "yellow"] as const).find((color) => checks.some((one) => one.status === color)) ??
      "green";
  if (isJson) terminal.out(`${JSON.stringify({ status, checks })}\n`);
  else terminal.out(checksText(checks, terminal.outHasColor));
  return status === "red" ? EXIT.failed : EXIT.completed;
}

function checksText(checks: readonly Check[], color: boolean): string {
  const paint = painter(color);
  const width = Math.max(...checks.map((one) => one.name.length));
  return checks.map(({ name, status, detail, hint }) => {
    const line = `${paint(status as Color, MARKS[status])} ${name.padEnd(width)}  ` +
      `${plainText(detail)}\n`;
    return hint === undefined ? line : `${line}${" ".repeat(width + 4)}hint: ${hint}\n`;
  }).join("");
}
