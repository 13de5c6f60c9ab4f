import { api, type DeadLetter, hasRole, type LetterWish, segment, useLoad } from "../api/mod.ts";
import { href, navigate, path } from "../navigation/mod.ts";
import {
  Button,
  confirmAction,
  Empty,
  JsonBlock,
  LoadedView,
  Page,
  Panel,
  showDone,
  Time,
} from "../parts/mod.ts";

/** One message that was given up: what it said, what became of each attempt. */
export function DeadLetterPage({ letterId }: { letterId: string }) {
  const loaded = useLoad(
    (signal) => api.get<DeadLetter>(`/dead-letters/${segment(letterId)}`, { signal }),
    [letterId],
  );
  return (
    <Page
      title={loaded.data?.type ?? "Dead letter"}
      crumb={{ label: "Dead letters", path: "/dead-letters" }}
      actions={hasRole("operator") && loaded.data !== undefined && (
        <LetterActions letter={loaded.data} />
      )}
    >
      <LoadedView loaded={loaded}>
        {(letter) => (
          <>
            <div class="columns">
              <Panel title="About">
                <LetterFacts letter={letter} />
              </Panel>
              <Panel title="Payload">
                <JsonBlock value={letter.payload} label="Payload" />
              </Panel>
            </div>
            <Panel title="Attempts" isFlush>
              <LetterHistory history={letter.history} />
            </Panel>
          </>
        )}
      </LoadedView>
    </Page>
  );
}

function LetterActions({ letter: { id, isKept } }: { letter: DeadLetter }) {
  async function replay(): Promise<void> {
    const wish = await api.post<LetterWish>(`/dead-letters/${segment(id)}/replay`);
    tell(wish, "Sent again");
  }
  async function discard(): Promise<void> {
    const isSure = await confirmAction({
      title: "Discard this message?",
      text: "It is gone for good, with all that is known of its attempts.",
      action: "Discard the message",
      isDangerous: true,
    });
    if (!isSure) return;
    tell(await api.delete<LetterWish>(`/dead-letters/${segment(id)}`), "Discarded");
  }
  return (
    <>
      <Button icon="trash" kind="danger" onClick={discard}>Discard</Button>
      <Button
        icon="retry"
        kind="primary"
        isDisabled={!isKept}
        title={isKept ? undefined : "Its content was not kept"}
        onClick={replay}
      >
        Send again
      </Button>
    </>
  );
}

function tell({ isTaken }: LetterWish, done: string): void {
  showDone(isTaken ? done : "Noted: it is done once the actor system runs");
  navigate("/dead-letters");
}

function LetterFacts({ letter }: { letter: DeadLetter }) {
  return (
    <dl class="facts">
      <dt>System</dt>
      <dd>
        <a href={href(path`/systems/${letter.system}`)}>{letter.system}</a>
      </dd>
      <dt>From</dt>
      <dd>{letter.from}</dd>
      <dt>To</dt>
      <dd>{letter.to}</dd>
      {letter.topic !== null && (
        <>
          <dt>Topic</dt>
          <dd>{letter.topic}</dd>
        </>
      )}
      <dt>Why</dt>
      <dd class="mono">{letter.reason}</dd>
      <dt>Sent</dt>
      <dd>
        <Time at={letter.sentAt} />
      </dd>
      <dt>Given up</dt>
      <dd>
        <Time at={letter.at} />, after {letter.attempts} attempts, {letter.kills}{" "}
        of which crashed the actor
      </dd>
      <dt>Message</dt>
      <dd class="mono">{letter.messageId}</dd>
    </dl>
  );
}

function LetterHistory({ history }: Pick<DeadLetter, "history">) {
  if (history.length === 0) return <Empty title="No attempt was recorded" />;
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label="Attempts">
      <table class="table">
        <thead>
          <tr>
            <th class="is-tight">When</th>
            <th>Error</th>
            <th>Message</th>
          </tr>
        </thead>
        <tbody>
          {history.map(({ at, code, message, isKill }) => (
            <tr key={`${at} ${code}`}>
              <td class="is-tight">
                <Time at={at} />
              </td>
              <td class="mono">
                {code}
                {isKill && <span class="chip node-self">crash</span>}
              </td>
              <td>{message}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
