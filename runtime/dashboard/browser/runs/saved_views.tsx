import { useState } from "preact/hooks";
import { api, hasRole, segment, useLoad, type ViewList } from "../api/mod.ts";
import { Button, confirmAction, Dialog, Field, Icon, showDone } from "../parts/mod.ts";
import { isFiltered, readFilters, type RunFilters, writeFilters } from "./run_filters.ts";

/** Filters that were saved under a name, for whoever is signed in. */
export function SavedViews(
  { filters, onChoose }: { filters: RunFilters; onChoose: (filters: RunFilters) => void },
) {
  const views = useLoad(
    (signal) => api.get<ViewList>("/views", { signal }),
    [],
  );
  const [isSaving, setIsSaving] = useState(false);
  const items = views.data?.items ?? [];

  async function remove(name: string): Promise<void> {
    const isSure = await confirmAction({
      title: `Delete the view "${name}"?`,
      text: "The runs that it shows are not touched.",
      action: "Delete the view",
      isDangerous: true,
    });
    if (!isSure) return;
    await api.delete(`/views/${segment(name)}`);
    views.reload();
  }

  if (items.length === 0 && !isFiltered(filters)) return null;
  return (
    <div class="row" role="group" aria-label="Saved filters">
      {items.map(({ name, filters: saved }) => (
        <span key={name} class="chip view-chip">
          <button type="button" onClick={() => onChoose(fromView(saved))}>{name}</button>
          <button
            type="button"
            aria-label={`Delete the view ${name}`}
            onClick={() => void remove(name)}
          >
            <Icon name="close" size={12} />
          </button>
        </span>
      ))}
      {isFiltered(filters) && (
        <>
          {hasRole("operator") && (
            <Button
              kind="quiet"
              icon="plus"
              onClick={() => setIsSaving(true)}
            >
              Save these filters
            </Button>
          )}
          <Button kind="quiet" onClick={() => onChoose(readFilters(new URLSearchParams()))}>
            Clear filters
          </Button>
        </>
      )}
      {isSaving && (
        <SaveDialog
          filters={filters}
          onClose={(isSaved) => {
            setIsSaving(false);
            if (isSaved) views.reload();
          }}
        />
      )}
    </div>
  );
}

/** Whatever a view holds is read as an address would be: what is unknown is dropped. */
function fromView(saved: Record<string, unknown>): RunFilters {
  const texts = Object.entries(saved).filter((entry): entry is [string, string] =>
    typeof entry[1] === "string"
  );
  return readFilters(new URLSearchParams(texts));
}

function SaveDialog(
  { filters, onClose }: { filters: RunFilters; onClose: (isSaved: boolean) => void },
) {
  const [name, setName] = useState("");

  async function save(): Promise<void> {
    await api.put(`/views/${segment(name.trim())}`, { filters: writeFilters(filters) });
    showDone(`Saved as "${name.trim()}"`);
    onClose(true);
  }

  return (
    <Dialog
      title="Save these filters"
      onClose={() => onClose(false)}
      foot={<Button kind="primary" onClick={save} isDisabled={name.trim() === ""}>Save</Button>}
    >
      <Field label="Name" hint="A view of that name is replaced">
        {(control) => (
          <input
            {...control}
            class="input"
            maxLength={64}
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        )}
      </Field>
    </Dialog>
  );
}
