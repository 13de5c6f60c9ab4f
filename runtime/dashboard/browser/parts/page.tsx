import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { href } from "../navigation/mod.ts";

/** A page: its one heading, what can be done there, and what it shows. */
export function Page(
  { title, documentTitle, crumb, actions, children }: {
    title: ComponentChildren;
    /** Where `title` is no plain text. */
    documentTitle?: string;
    /** The page above: its name and path. */
    crumb?: { label: string; path: string };
    actions?: ComponentChildren;
    children: ComponentChildren;
  },
) {
  const name = documentTitle ?? (typeof title === "string" ? title : "");
  useEffect(() => {
    document.title = name === "" ? "Denizen" : `${name} · Denizen`;
  }, [name]);
  return (
    <div class="page">
      <div class="page-head">
        {crumb !== undefined && (
          <nav class="crumb" aria-label="Page above">
            <a href={href(crumb.path)}>{crumb.label}</a>
          </nav>
        )}
        <h1 class="page-title" tabIndex={-1}>{title}</h1>
        {actions !== undefined && <div class="actions">{actions}</div>}
      </div>
      {children}
    </div>
  );
}
