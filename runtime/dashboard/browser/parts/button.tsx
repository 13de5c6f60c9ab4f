import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { Icon, type IconName } from "./icon.tsx";
import { showProblem } from "./toasts.tsx";

export interface ButtonProps {
  /** A promise keeps the button busy; what it throws is shown. */
  onClick?: () => unknown;
  kind?: "plain" | "primary" | "danger" | "quiet";
  icon?: IconName;
  /** Without text in it, the button needs a name. */
  label?: string;
  type?: "button" | "submit";
  isDisabled?: boolean;
  isPressed?: boolean;
  isExpanded?: boolean;
  title?: string;
  children?: ComponentChildren;
}

/** A button that shows that it works, and tells what went wrong. */
export function Button(props: ButtonProps) {
  const [isBusy, setIsBusy] = useState(false);
  const { kind = "plain", icon, label, children } = props;
  const isIconOnly = children === undefined;

  async function click(): Promise<void> {
    if (isBusy) return;
    setIsBusy(true);
    try {
      await props.onClick?.();
    } catch (error) {
      showProblem(error);
    } finally {
      setIsBusy(false);
    }
  }

  return (
    <button
      type={props.type ?? "button"}
      class={`button ${kind === "plain" ? "" : `is-${kind}`} ${isIconOnly ? "is-icon" : ""}`}
      onClick={props.onClick === undefined ? undefined : () => void click()}
      disabled={props.isDisabled}
      aria-label={label}
      aria-busy={isBusy || undefined}
      aria-disabled={isBusy || undefined}
      aria-pressed={props.isPressed}
      aria-expanded={props.isExpanded}
      title={props.title ?? (isIconOnly ? label : undefined)}
    >
      {icon !== undefined && <Icon name={icon} />}
      {children}
    </button>
  );
}
