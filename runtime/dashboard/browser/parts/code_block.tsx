import { useState } from "preact/hooks";
import { Button } from "./button.tsx";

/** Text as it is, with a button that copies it. */
export function CodeBlock({ text, label }: { text: string; label: string }) {
  return (
    <div class="code-block">
      <pre tabIndex={0} role="region" aria-label={label}><code>{text}</code></pre>
      <span class="copy">
        <CopyButton text={text} label={`Copy ${label}`} />
      </span>
    </div>
  );
}

/** A JSON value, laid out; `null` and absent values say so. */
export function JsonBlock({ value, label }: { value: unknown; label: string }) {
  if (value === undefined) return <p class="muted">None</p>;
  return <CodeBlock text={JSON.stringify(value, null, 2)} label={label} />;
}

const DONE_MS = 1_500;

export function CopyButton({ text, label }: { text: string; label: string }) {
  const [isDone, setIsDone] = useState(false);
  async function copy(): Promise<void> {
    await navigator.clipboard.writeText(text);
    setIsDone(true);
    setTimeout(() => setIsDone(false), DONE_MS);
  }
  return (
    <Button
      kind="quiet"
      icon={isDone ? "check" : "copy"}
      label={isDone ? "Copied" : label}
      onClick={copy}
    />
  );
}
