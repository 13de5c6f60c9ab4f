/** The mark of the product: tasks that lead to one another. */
export function Mark() {
  return (
    <svg width="20" height="20" viewBox="0 0 32 32" aria-hidden="true">
      <g fill="none" stroke="currentColor" stroke-width="2.6" stroke-linecap="round">
        <path d="M10 8.5 23 15M10 23.5 23 17" />
      </g>
      <g fill="currentColor">
        <circle cx="7" cy="7" r="4.4" />
        <circle cx="7" cy="25" r="4.4" />
        <circle cx="26" cy="16" r="4.4" />
      </g>
    </svg>
  );
}
