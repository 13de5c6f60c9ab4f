import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { place } from "../navigation/mod.ts";
import { ConfirmDialog, Toasts } from "../parts/mod.ts";
import { Palette } from "./palette.tsx";
import { Sidebar } from "./sidebar.tsx";

/** What is around every page. Moving to another page moves the focus to it, as loading one would. */
export function Shell({ children }: { children: ComponentChildren }) {
  const main = useRef<HTMLElement>(null);
  const { path } = place.value;
  const lastPath = useRef(path);
  // At once: a frame later somebody may have the focus in what the page shows.
  useLayoutEffect(() => {
    if (lastPath.current === path) return;
    lastPath.current = path;
    scrollTo(0, 0);
    main.current?.focus();
  }, [path]);

  function skip(event: Event): void {
    // The fragment is the page's place: it must not become "#main".
    event.preventDefault();
    main.current?.focus();
  }

  return (
    <>
      <a class="skip-link" href="#main" onClick={skip}>Skip to content</a>
      <div class="shell">
        <Sidebar />
        <main class="main" id="main" ref={main} tabIndex={-1}>{children}</main>
      </div>
      <Palette />
      <ConfirmDialog />
      <Toasts />
    </>
  );
}
