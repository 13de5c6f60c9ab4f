import { api, type DeadLetterPage, type DeadLetterSummary, useLoad } from "../api/mod.ts";
import { changeQuery, href, path, place } from "../navigation/mod.ts";
import { Button, Empty, Field, LoadedView, Page, Panel, Time } from "../parts/mod.ts";

const PAGE_SIZE = 50;

/** Messages that were given up, newest first. */
export function DeadLettersPage() {
  const system = place.value.query.get("system") ?? "";
  const load = (cursor: string | null, signal?: AbortSignal) =>
    api.get<DeadLetterPage>("/dead-letters", {
      query: { system, cursor, limit: PAGE_SIZE },
      signal,
    });
  const loaded = useLoad((signal) => load(null, signal), [system]);

  async function loadMore(): Promise<void> {
    const { items, nextCursor } = await load(loaded.data?.nextCursor ?? null);
    loaded.update((page) => ({ items: [...page.items, ...items], nextCursor }));
  }

  return (
    <Page
      title="Dead letters"
      actions={<Button icon="retry" onClick={loaded.reload}>Load again</Button>}
    >
      <div class="filters">
        <Field label="Actor system">
          {(control) => (
            <input
              {...control}
              class="input"
              value={system}
              onChange={(event) => changeQuery({ system: event.currentTarget.value.trim() })}
            />
          )}
        </Field>
      </div>
      <Panel title="Newest first" isFlush>
        <LoadedView loaded={loaded}>
          {({ items, nextCursor }) =>
            items.length === 0 ? <NoLetters /> : (
              <>
                <LetterTable letters={items} />
                {nextCursor !== null && (
                  <div class="table-foot">
                    <Button onClick={loadMore}>Load older ones</Button>
                  </div>
                )}
              </>
            )}
        </LoadedView>
      </Panel>
    </Page>
  );
}

function NoLetters() {
  return (
    <Empty title="No message was given up">
      <p>
        A message comes here when its actor refused it too often, crashed of it, or is gone. From
        here it can be sent again.
      </p>
    </Empty>
  );
}

function LetterTable({ letters }: { letters: readonly DeadLetterSummary[] }) {
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label="Dead letters">
      <table class="table">
        <thead>
          <tr>
            <th>Message</th>
            <th>System</th>
            <th>Why</th>
            <th class="is-number">Attempts</th>
            <th class="is-tight">Given up</th>
          </tr>
        </thead>
        <tbody>
          {letters.map((letter) => (
            <tr key={letter.id}>
              <td>
                <a class="run-link" href={href(path`/dead-letters/${letter.id}`)}>{letter.type}</a>
                <div class="small muted">
                  {letter.from} to {letter.to}
                </div>
              </td>
              <td>{letter.system}</td>
              <td class="mono small">
                {letter.reason}
                {letter.code !== null && <div>{letter.code}</div>}
              </td>
              <td class="is-number">{letter.attempts}</td>
              <td class="is-tight">
                <Time at={letter.at} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
