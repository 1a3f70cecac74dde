/** The open eye. */
export function Mark() {
  return (
    <svg
      viewBox="0 0 32 32"
      width="32"
      height="32"
      aria-hidden="true"
      fill="none"
      stroke="currentColor"
      strokeWidth="2.5"
    >
      <path
        d="M3 16c3.2-5.6 7.6-8.4 13-8.4S25.8 10.400 29 16c-3.2 5.6-7.6 8.4-13 8.4S6.2 21.6 3 16z"
        strokeLinejoin="round"
      />
      <circle cx="16" cy="16" r="4.2" fill="currentColor" />
    </svg>
  );
}
