import { useEffect, useState } from "preact/hooks";
import { session, signOut } from "../api/mod.ts";
import { href, place } from "../navigation/mod.ts";
import { Button, Icon, type Theme, theme } from "../parts/mod.ts";
import { Mark } from "./mark.tsx";
import { openPalette } from "./palette_state.ts";
import { isOffered, NAV_GROUPS, type NavEntry } from "./nav_groups.ts";

/** The navigation beside every page; above it on a narrow screen. */
export function Sidebar() {
  const [isOpen, setIsOpen] = useState(false);
  const { path } = place.value;
  useEffect(() => setIsOpen(false), [path]);
  return (
    <header class="sidebar" data-open={isOpen || undefined}>
      <div class="sidebar-top">
        <a class="brand" href={href("/")}>
          <Mark />
          Denizen
        </a>
        <span class="menu-button">
          <Button
            kind="quiet"
            icon={isOpen ? "close" : "menu"}
            label={isOpen ? "Close menu" : "Open menu"}
            isExpanded={isOpen}
            onClick={() => setIsOpen(!isOpen)}
          />
        </span>
      </div>
      <div class="sidebar-body">
        <nav aria-label="Pages">
          {NAV_GROUPS.map(({ label, entries }) => (
            <NavGroup key={label} label={label} entries={entries} path={path} />
          ))}
        </nav>
        <SidebarFoot />
      </div>
    </header>
  );
}

function NavGroup(
  { label, entries, path }: { label: string; entries: readonly NavEntry[]; path: string },
) {
  const seen = entries.filter(isOffered);
  if (seen.length === 0) return null;
  return (
    <div class="nav-group">
      <h2>{label}</h2>
      <ul>
        {seen.map((entry) => (
          <li key={entry.path}>
            <a
              class="nav-link"
              href={href(entry.path)}
              aria-current={isCurrent(entry.path, path) ? "page" : undefined}
            >
              <Icon name={entry.icon} />
              {entry.label}
            </a>
          </li>
        ))}
      </ul>
    </div>
  );
}

function isCurrent(entry: string, path: string): boolean {
  return path === entry || (entry !== "/" && path.startsWith(`${entry}/`));
}

const NEXT_THEME: Readonly<Record<Theme, Theme>> = {
  system: "light",
  light: "dark",
  dark: "system",
};
const THEME_ICONS = { system: "system", light: "sun", dark: "moon" } as const;

function SidebarFoot() {
  const principal = session.value?.principal;
  const next = NEXT_THEME[theme.value];
  return (
    <div class="sidebar-foot">
      {principal !== undefined && (
        <div class="who small">
          <div>{principal.name}</div>
          <div class="muted">
            {principal.role}
            {principal.tenant !== null && ` of ${principal.tenant}`}
          </div>
        </div>
      )}
      <div class="sidebar-tools">
        <Button
          kind="quiet"
          icon="search"
          label="Go to or do (Ctrl K)"
          onClick={() => openPalette("commands")}
        />
        <Button
          kind="quiet"
          icon={THEME_ICONS[theme.value]}
          label={`Theme: ${theme.value}; change to ${next}`}
          onClick={() => theme.value = next}
        />
        <Button
          kind="quiet"
          icon="help"
          label="Shortcuts (?)"
          onClick={() => openPalette("help")}
        />
        <Button kind="quiet" icon="signOut" label="Sign out" onClick={signOut} />
      </div>
    </div>
  );
}
