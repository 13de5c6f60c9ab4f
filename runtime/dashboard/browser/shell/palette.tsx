import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { api, hasRole, session, signOut } from "../api/mod.ts";
import { navigate, path, shortcuts, useShortcuts } from "../navigation/mod.ts";
import { Dialog, theme } from "../parts/mod.ts";
import { closePalette, openPalette, palette } from "./palette_state.ts";
import { isOffered, NAV_GROUPS } from "./nav_groups.ts";

interface Command {
  label: string;
  detail?: string;
  run(): void;
}

const RUN_ID = /^[0-9A-HJKMNP-TV-Z]{26}$/i;
const SHOWN_MAX = 12;

/** The command palette and the help; and the keys that open them. */
export function Palette() {
  useShortcuts([
    { keys: "?", label: "Show this help", group: "Everywhere", run: () => openPalette("help") },
    ...NAV_GROUPS.flatMap(({ entries }) => entries).map(({ label, path, key }) => ({
      keys: `g ${key}`,
      label,
      group: "Go to",
      run: () => navigate(path),
    })),
  ]);
  useLayoutEffect(() => {
    function open(event: KeyboardEvent): void {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      openPalette("commands");
    }
    addEventListener("keydown", open);
    return () => removeEventListener("keydown", open);
  }, []);
  if (palette.value === "commands") return <CommandDialog />;
  return palette.value === "help" ? <HelpDialog /> : null;
}

function CommandDialog() {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const workflows = useWorkflowNames();
  const found = findCommands(text, workflows).slice(0, SHOWN_MAX);
  const chosen = Math.min(at, Math.max(0, found.length - 1));
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => input.current?.focus(), []);

  function press(event: KeyboardEvent): void {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      setAt((chosen + step + found.length) % Math.max(1, found.length));
    } else if (event.key === "Enter" && found[chosen] !== undefined) {
      event.preventDefault();
      choose(found[chosen]);
    }
  }

  return (
    <Dialog title="Go to or do" onClose={closePalette}>
      <input
        ref={input}
        class="input"
        role="combobox"
        aria-label="Page, workflow, run or command"
        aria-expanded="true"
        aria-controls={id}
        aria-activedescendant={found.length === 0 ? undefined : `${id}-${chosen}`}
        placeholder="Page, workflow, or the id of a run"
        autocomplete="off"
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={press}
      />
      <ul class="palette" role="listbox" id={id} aria-label="Found">
        {found.map((command, index) => (
          <li
            key={command.label}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === chosen}
            onClick={() => choose(command)}
          >
            {command.label}
            {command.detail !== undefined && <span class="muted small">{command.detail}</span>}
          </li>
        ))}
      </ul>
      {found.length === 0 && <p class="muted">Nothing is called that.</p>}
    </Dialog>
  );
}

function choose(command: Command): void {
  closePalette();
  command.run();
}

/** Names of the registered workflows; without them where they cannot be read. */
function useWorkflowNames(): string[] {
  const [names, setNames] = useState<string[]>([]);
  useEffect(() => {
    api.get<{ items: { name: string }[] }>("/workflows", { query: { limit: 100 } }).then(
      ({ items }) => setNames(items.map(({ name }) => name)),
      () => setNames([]),
    );
  }, []);
  return names;
}

function findCommands(text: string, workflows: readonly string[]): Command[] {
  const wanted = text.trim();
  const words = wanted.toLowerCase().split(/\s+/).filter((word) => word !== "");
  const run: Command[] = RUN_ID.test(wanted)
    ? [{ label: `Run ${wanted}`, run: () => navigate(path`/runs/${wanted.toUpperCase()}`) }]
    : [];
  const search: Command[] = wanted === "" ? [] : [{
    label: `Search runs for "${wanted}"`,
    run: () => navigate("/runs", { query: { q: wanted } }),
  }];
  const named = [...pageCommands(), ...workflowCommands(workflows), ...otherCommands()];
  const matching = named.filter(({ label }) =>
    words.every((word) => label.toLowerCase().includes(word))
  );
  return [...run, ...matching, ...search];
}

function pageCommands(): Command[] {
  return NAV_GROUPS.flatMap(({ entries }) => entries)
    .filter(isOffered)
    .map(({ label, path, key }) => ({ label, detail: `g ${key}`, run: () => navigate(path) }));
}

function workflowCommands(names: readonly string[]): Command[] {
  return names.flatMap((name) => [
    { label: `Workflow ${name}`, run: () => navigate(path`/workflows/${name}`) },
    ...(hasRole("operator")
      ? [{ label: `Start ${name}`, run: () => navigate(path`/workflows/${name}/start`) }]
      : []),
  ]);
}

function otherCommands(): Command[] {
  return [
    { label: "Failed runs", run: () => navigate("/runs", { query: { status: "failed" } }) },
    { label: "Light theme", run: () => theme.value = "light" },
    { label: "Dark theme", run: () => theme.value = "dark" },
    { label: "Theme of the system", run: () => theme.value = "system" },
    { label: "Shortcuts", detail: "?", run: () => openPalette("help") },
    { label: "API reference", run: () => globalThis.open("/docs", "_blank", "noopener") },
    ...(session.value ? [{ label: "Sign out", run: () => void signOut() }] : []),
  ];
}

function HelpDialog() {
  const groups = Map.groupBy(shortcuts.value, ({ group }) => group);
  return (
    <Dialog title="Shortcuts" onClose={closePalette}>
      <dl class="facts">
        <dt>
          <kbd>Ctrl</kbd> <kbd>K</kbd>
        </dt>
        <dd>Go to or do</dd>
      </dl>
      {[...groups].map(([group, list]) => (
        <section key={group} class="stack">
          <h3>{group}</h3>
          <dl class="facts">
            {list.map(({ keys, label }) => (
              <>
                <dt>{keys.split(" ").map((key) => <kbd key={key}>{key}</kbd>)}</dt>
                <dd>{label}</dd>
              </>
            ))}
          </dl>
        </section>
      ))}
    </Dialog>
  );
}
