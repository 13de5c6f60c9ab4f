import { DenizenError } from "../../core/errors.ts";
import { hidePassword } from "../store/postgres/hide_password.ts";
import type { PostgresReport } from "../store/postgres/mod.ts";
import { type Check, check } from "./doctor_check.ts";

const ROUND_TRIP_MS_SLOW = 10;
const CLOCK_SKEW_MS_MAX = 2_000;

/** Looks at the PostgreSQL server of a store, and changes nothing. */
export async function checkDatabase(store: string): Promise<Check[]> {
  const { probePostgres } = await import("../store/postgres/mod.ts");
  try {
    return checksOf(await probePostgres(store), hidePassword(store));
  } catch (error) {
    if (!(error instanceof DenizenError)) throw error;
    return [check("store", "red", error.message, error.hint ?? "")];
  }
}

function checksOf(report: PostgresReport, place: string): Check[] {
  const { version, roundTripMs, skewMs } = report;
  return [
    check(
      "store",
      roundTripMs < ROUND_TRIP_MS_SLOW ? "green" : "yellow",
      `PostgreSQL ${version} at ${place}, a round trip takes ${roundTripMs.toFixed(2)} ms`,
      "Each step of a run waits for the server: a nearer one is faster",
    ),
    checkSchema(report),
    checkDurability(report),
    check(
      "clock",
      Math.abs(skewMs) < CLOCK_SKEW_MS_MAX ? "green" : "yellow",
      `${new Date().toISOString()}, ${Math.round(skewMs)} ms from the server's`,
      "Set the clocks: time limits and schedules depend on them",
    ),
  ];
}

function checkSchema({ schema, hasTables, isUsable }: PostgresReport): Check {
  const detail = hasTables
    ? `"${schema}" is there`
    : isUsable
    ? `"${schema}" is made by the first run`
    : `"${schema}" is not there, and this user may not make it`;
  const hint = `Let an administrator run: create schema ${schema} authorization USER`;
  return check("schema", isUsable ? "green" : "red", detail, hint);
}

function checkDurability({ fsync, synchronousCommit }: PostgresReport): Check {
  const isDurable = fsync === "on" && synchronousCommit !== "off";
  return check(
    "durability",
    isDurable ? "green" : "yellow",
    `fsync ${fsync}, synchronous_commit ${synchronousCommit}`,
    "A power cut loses what was acknowledged: switch both on in postgresql.conf",
  );
}
