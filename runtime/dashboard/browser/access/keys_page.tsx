import { useState } from "preact/hooks";
import { api, type Key, type KeyPage, type NewKey, segment, useLoad } from "../api/mod.ts";
import {
  Button,
  confirmAction,
  CopyButton,
  Dialog,
  Empty,
  LoadedView,
  Notice,
  Page,
  Panel,
  showDone,
} from "../parts/mod.ts";
import { CreateKeyDialog } from "./create_key_dialog.tsx";
import { KeyTable } from "./key_table.tsx";

/** API keys: made, renewed, revoked. The text of a key is shown once. */
export function KeysPage() {
  const load = (cursor: string | null, signal?: AbortSignal) =>
    api.get<KeyPage>("/keys", { query: { cursor, limit: 100 }, signal });
  const loaded = useLoad((signal) => load(null, signal), []);
  const [isCreating, setIsCreating] = useState(false);
  const [made, setMade] = useState<NewKey | null>(null);

  function show(key: NewKey): void {
    setIsCreating(false);
    setMade(key);
    loaded.reload();
  }
  async function loadMore(): Promise<void> {
    const { items, nextCursor } = await load(loaded.data?.nextCursor ?? null);
    loaded.update((page) => ({ items: [...page.items, ...items], nextCursor }));
  }
  async function rotate(key: Key): Promise<void> {
    if (await confirmRotation(key)) {
      show(await api.post<NewKey>(`/keys/${segment(key.id)}/rotate`));
    }
  }
  async function revoke(key: Key): Promise<void> {
    if (!await confirmRevocation(key)) return;
    await api.delete(`/keys/${segment(key.id)}`);
    showDone(`Revoked "${key.name}"`);
    loaded.reload();
  }

  return (
    <Page
      title="API keys"
      actions={
        <Button kind="primary" icon="plus" onClick={() => setIsCreating(true)}>Create a key</Button>
      }
    >
      <Panel title="Keys" isFlush>
        <LoadedView loaded={loaded}>
          {({ items, nextCursor }) => (
            <>
              {items.length === 0
                ? (
                  <Empty title="There is no key">
                    <p>Create one for each program that calls the API, with the least role.</p>
                  </Empty>
                )
                : <KeyTable keys={items} onRotate={rotate} onRevoke={revoke} />}
              {nextCursor !== null && (
                <div class="table-foot">
                  <Button onClick={loadMore}>Load more</Button>
                </div>
              )}
            </>
          )}
        </LoadedView>
      </Panel>
      {isCreating && <CreateKeyDialog onClose={() => setIsCreating(false)} onCreated={show} />}
      {made !== null && <NewKeyDialog made={made} onClose={() => setMade(null)} />}
    </Page>
  );
}

function NewKeyDialog({ made, onClose }: { made: NewKey; onClose: () => void }) {
  return (
    <Dialog
      title={`Key "${made.name}"`}
      onClose={onClose}
      foot={<Button kind="primary" onClick={onClose}>I have kept it</Button>}
    >
      <Notice kind="warning">
        Keep it now: it is shown this once, and only its hash is stored.
      </Notice>
      <div class="row new-key">
        <code>{made.key}</code>
        <CopyButton text={made.key} label="Copy the key" />
      </div>
    </Dialog>
  );
}

function confirmRotation(key: Key): Promise<boolean> {
  return confirmAction({
    title: `Make "${key.name}" anew?`,
    text: "A new text is made; whoever uses the old one must change to it.",
    action: "Make a new text",
    isDangerous: true,
  });
}

function confirmRevocation(key: Key): Promise<boolean> {
  return confirmAction({
    title: `Revoke "${key.name}"?`,
    text: "Whoever uses it is refused from now on. It cannot be taken back.",
    action: "Revoke the key",
    isDangerous: true,
  });
}
