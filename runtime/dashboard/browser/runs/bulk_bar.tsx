import { api, ApiError, type BulkResult } from "../api/mod.ts";
import { Button, confirmAction, formatPlural, showDone, showProblem } from "../parts/mod.ts";
import type { RunRow } from "./run_rows.ts";

const CLOSED: ReadonlySet<string> = new Set(["completed", "failed", "cancelled"]);

/** What can be done with the runs that are picked: nothing is offered that all of them would refuse. */
export function BulkBar(
  { ids, rows, onDone }: {
    ids: readonly string[];
    /** What the list shows, the picked ones among them. */
    rows: readonly RunRow[];
    onDone: () => void;
  },
) {
  const picked = rows.filter(({ runId }) => ids.includes(runId));
  const canCancel = picked.some(({ status }) => !CLOSED.has(status));
  const canRetry = picked.some(({ status }) => status === "failed" || status === "cancelled");
  const many = formatPlural(ids.length, "run");

  async function wish(action: "cancel" | "retry"): Promise<void> {
    const isSure = await confirmAction({
      title: action === "cancel" ? `Cancel ${many}?` : `Retry ${many}?`,
      text: action === "cancel"
        ? "Their tasks are stopped. Runs that have closed stay as they are."
        : "Failed and cancelled tasks start again; finished ones keep their results.",
      action: action === "cancel" ? `Cancel ${many}` : `Retry ${many}`,
      isDangerous: action === "cancel",
    });
    if (!isSure) return;
    const { results } = await api.post<BulkResult>("/runs/bulk", { action, ids });
    const refused = results.filter(({ ok }) => !ok);
    if (refused.length < results.length) {
      const count = formatPlural(results.length - refused.length, "run");
      showDone(`${action === "cancel" ? "Cancelling" : "Retrying"} ${count}`);
    }
    if (refused.length > 0) showProblem(toError(refused));
    onDone();
  }

  return (
    <div class="notice bulk-bar" role="region" aria-label="Picked runs">
      <span>{many} picked</span>
      <span class="row">
        <Button
          icon="stop"
          kind="danger"
          isDisabled={!canCancel}
          onClick={() => wish("cancel")}
        >
          Cancel
        </Button>
        <Button icon="retry" isDisabled={!canRetry} onClick={() => wish("retry")}>Retry</Button>
        <Button kind="quiet" onClick={onDone}>Pick none</Button>
      </span>
    </div>
  );
}

/** What was refused, with the reason of the first. */
function toError(refused: BulkResult["results"]): ApiError {
  const error = refused[0]!.error;
  const reason = error?.message ?? "Refused";
  return new ApiError({
    title: "Refused",
    status: 409,
    code: error?.code,
    hint: error?.hint,
    detail: refused.length === 1
      ? reason
      : `${formatPlural(refused.length, "run")} refused; the first: ${reason}`,
  });
}
