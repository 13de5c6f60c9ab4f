/**
 * Parts that pages are made of.
 *
 * @module
 */
export { Button, type ButtonProps } from "./button.tsx";
export { CodeBlock, CopyButton, JsonBlock } from "./code_block.tsx";
export { confirmAction, ConfirmDialog, Dialog } from "./dialog.tsx";
export { Field, type FieldControl } from "./field.tsx";
export {
  formatAge,
  formatBytes,
  formatCost,
  formatCount,
  formatDuration,
  formatPlural,
  formatShare,
} from "./format.ts";
export { Icon, type IconName } from "./icon.tsx";
export { type Interval, IntervalBar } from "./interval_bar.tsx";
export { NodeTable } from "./node_table.tsx";
export { Empty, LoadedView, Notice, ProblemNotice } from "./notice.tsx";
export { Page } from "./page.tsx";
export { Panel } from "./panel.tsx";
export { LiveMark, StatusBadge } from "./status.tsx";
export { type Tab, Tabs } from "./tabs.tsx";
export { isDark, type Theme, theme, tokenColor } from "./theme.ts";
export { Duration, now, Time } from "./time.tsx";
export { showDone, showProblem, Toasts } from "./toasts.tsx";
