import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

/** A titled part of a page. */
export function Panel(
  { title, actions, isFlush = false, children }: {
    title: ComponentChildren;
    actions?: ComponentChildren;
    /** Without padding, as tables want it. */
    isFlush?: boolean;
    children: ComponentChildren;
  },
) {
  const id = useId();
  return (
    <section class="panel" aria-labelledby={id}>
      <div class="panel-head">
        <h2 id={id}>{title}</h2>
        {actions !== undefined && <div class="actions">{actions}</div>}
      </div>
      <div class={`panel-body ${isFlush ? "is-flush" : ""}`}>{children}</div>
    </section>
  );
}
