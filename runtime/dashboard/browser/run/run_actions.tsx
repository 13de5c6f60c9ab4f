import { useState } from "preact/hooks";
import { api, hasRole } from "../api/mod.ts";
import { navigate, path } from "../navigation/mod.ts";
import { Button, confirmAction, Dialog, Field, showDone } from "../parts/mod.ts";
import type { RunFeed } from "./feed/mod.ts";
import { type LiveRun, runStatusOf } from "./live/mod.ts";

/** What can be done with a run as it stands. @param version changes with each change of `run` */
export function RunActions({ feed, run }: { feed: RunFeed; run: LiveRun; version: number }) {
  const [dialog, setDialog] = useState<"fork" | "signal" | null>(null);
  if (!hasRole("operator")) return null;
  const status = runStatusOf(run);
  const isOpen = run.finishedAt === null;
  const close = () => setDialog(null);
  return (
    <>
      {isOpen && !run.isPaused && (
        <Button
          icon="pause"
          onClick={() => api.post(`${feed.path}/pause`)}
        >
          Pause
        </Button>
      )}
      {isOpen && run.isPaused && (
        <Button
          icon="runs"
          kind="primary"
          onClick={() => api.post(`${feed.path}/resume`)}
        >
          Resume
        </Button>
      )}
      {isOpen && <Button icon="letters" onClick={() => setDialog("signal")}>Signal</Button>}
      {isOpen && <Button icon="stop" kind="danger" onClick={() => cancel(feed)}>Cancel run</Button>}
      {(status === "failed" || status === "cancelled") && (
        <Button
          icon="retry"
          kind="primary"
          onClick={() => retry(feed)}
        >
          Retry run
        </Button>
      )}
      <Button icon="plus" onClick={() => setDialog("fork")}>Fork</Button>
      {dialog === "fork" && <ForkDialog feed={feed} run={run} onClose={close} />}
      {dialog === "signal" && <SignalDialog feed={feed} run={run} onClose={close} />}
    </>
  );
}

async function cancel(feed: RunFeed): Promise<void> {
  const isSure = await confirmAction({
    title: "Cancel this run?",
    text: "What runs is stopped and nothing more starts. A retry goes on from there.",
    action: "Cancel the run",
    isDangerous: true,
  });
  if (isSure) await api.post(`${feed.path}/cancel`, {});
}

async function retry(feed: RunFeed): Promise<void> {
  await api.post(`${feed.path}/retry`);
  showDone("The run goes on with what had not completed");
  await feed.load();
}

interface DialogProps {
  feed: RunFeed;
  run: LiveRun;
  onClose: () => void;
}

/** A new run of the same code, with another input. */
function ForkDialog({ feed, run, onClose }: DialogProps) {
  const [text, setText] = useState(() => JSON.stringify(run.input, null, 2));
  const parsed = parseJson(text);
  const isObject = typeof parsed.value === "object" && parsed.value !== null &&
    !Array.isArray(parsed.value);
  const error = parsed.error ?? (isObject ? null : "The input has to be an object: { … }");

  async function fork(): Promise<void> {
    const headers = { "idempotency-key": crypto.randomUUID() };
    const made = await api.post<{ runId: string }>(
      `${feed.path}/fork`,
      { input: parsed.value },
      { headers },
    );
    onClose();
    navigate(path`/runs/${made.runId}`);
  }

  return (
    <Dialog
      title="Fork this run"
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>Close</Button>
          <Button kind="primary" isDisabled={error !== null} onClick={fork}>Start the fork</Button>
        </>
      }
    >
      <p class="muted">A new run of the very same definition and code, from its beginning.</p>
      <Field label="Input" hint="JSON; what you leave out keeps its value" error={error}>
        {(control) => (
          <textarea
            {...control}
            class="input mono"
            rows={10}
            spellcheck={false}
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        )}
      </Field>
    </Dialog>
  );
}

/** News from outside, for a task that waits for it. */
function SignalDialog({ feed, run, onClose }: DialogProps) {
  const waited = signalsWaitedFor(run);
  const [name, setName] = useState(waited[0] ?? "");
  const [text, setText] = useState("null");
  const parsed = parseJson(text);

  async function send(): Promise<void> {
    const signalId = crypto.randomUUID();
    await api.post(`${feed.path}/signals/${encodeURIComponent(name)}`, {
      payload: parsed.value,
      signalId,
    });
    showDone(`Sent the signal "${name}"`);
    onClose();
  }

  return (
    <Dialog
      title="Send a signal"
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>Close</Button>
          <Button
            kind="primary"
            isDisabled={name === "" || parsed.error !== null}
            onClick={send}
          >
            Send
          </Button>
        </>
      }
    >
      <Field
        label="Name"
        isRequired
        hint={waited.length === 0
          ? "No task waits for one now; it is kept until one does"
          : `Waited for: ${waited.join(", ")}`}
      >
        {(control) => (
          <input
            {...control}
            class="input"
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        )}
      </Field>
      <Field label="Payload" hint="JSON: the output of the task that waits" error={parsed.error}>
        {(control) => (
          <textarea
            {...control}
            class="input mono"
            rows={5}
            spellcheck={false}
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        )}
      </Field>
    </Dialog>
  );
}

function signalsWaitedFor({ tasks }: LiveRun): string[] {
  return tasks.filter(({ status }) => status === "waiting")
    .flatMap(({ reason }) => /^waits for signal "([^"]+)"/.exec(reason ?? "")?.[1] ?? []);
}

function parseJson(text: string): { value?: unknown; error: string | null } {
  try {
    return { value: JSON.parse(text), error: null };
  } catch (error) {
    return { error: `This is no JSON: ${(error as Error).message}` };
  }
}
