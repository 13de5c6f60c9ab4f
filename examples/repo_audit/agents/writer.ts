import { defineAgent } from "denizen";
import { z } from "zod";
import { Duplicates, Inventory, Measurement, SecretScan, Walk } from "../audit_types.ts";
import { buildReport } from "../report/build_report.ts";
import { writeReport } from "../report/write_report.ts";

export default defineAgent({
  name: "writer",
  capabilities: {
    "report.write": {
      input: z.object({
        out: z.string().min(1),
        walk: Walk.omit({ batches: true, manifests: true }),
        measures: z.array(Measurement.nullable()),
        secrets: z.array(SecretScan.nullable()),
        inventory: Inventory,
        duplicates: Duplicates,
        longFunctionLines: z.number().int(),
        date: z.string(),
      }),
      output: z.object({
        summary: z.record(z.string(), z.number()),
        secretsBySeverity: z.record(z.string(), z.number()),
        report: z.object({ html: z.string(), markdown: z.string(), json: z.string() }),
      }),
    },
  },
  run({ out, date, ...findings }) {
    const report = buildReport({ ...findings, date: date === "" ? undefined : date });
    return {
      summary: { ...report.totals },
      secretsBySeverity: report.secrets.bySeverity,
      report: writeReport(report, out),
    };
  },
});
