import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { Button } from "./button.tsx";

/** A modal dialog: the browser keeps the focus in it and gives it back. Escape closes it. */
export function Dialog(
  { title, onClose, foot, isWide = false, children }: {
    title: string;
    onClose: () => void;
    foot?: ComponentChildren;
    isWide?: boolean;
    children: ComponentChildren;
  },
) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  // Before anything is painted, so that no key is lost that is pressed meanwhile.
  useLayoutEffect(() => {
    const shown = dialog.current!;
    shown.showModal();
    return () => shown.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      class={`dialog ${isWide ? "is-wide" : ""}`}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => event.target === dialog.current && onClose()}
    >
      <div class="dialog-head">
        <h2 id={id}>{title}</h2>
        <Button kind="quiet" icon="close" label="Close" onClick={onClose} />
      </div>
      <div class="dialog-body">{children}</div>
      {foot !== undefined && <div class="dialog-foot">{foot}</div>}
    </dialog>
  );
}

interface Question {
  title: string;
  text: ComponentChildren;
  /** What the button says: a verb, such as "Cancel 3 runs". */
  action: string;
  isDangerous?: boolean;
  answer: (isYes: boolean) => void;
}

const question = signal<Question | null>(null);

/** Asks before something that cannot be taken back. */
export function confirmAction(asked: Omit<Question, "answer">): Promise<boolean> {
  question.peek()?.answer(false);
  const { promise, resolve } = Promise.withResolvers<boolean>();
  question.value = {
    ...asked,
    answer(isYes) {
      question.value = null;
      resolve(isYes);
    },
  };
  return promise;
}

/** Where questions appear; once in the page. */
export function ConfirmDialog() {
  const asked = question.value;
  if (asked === null) return null;
  return (
    <Dialog
      title={asked.title}
      onClose={() => asked.answer(false)}
      foot={
        <>
          <Button onClick={() => asked.answer(false)}>Keep as it is</Button>
          <Button
            kind={asked.isDangerous ? "danger" : "primary"}
            onClick={() => asked.answer(true)}
          >
            {asked.action}
          </Button>
        </>
      }
    >
      <div>{asked.text}</div>
    </Dialog>
  );
}
