/** The tide gate: two posts, the gate between them, water below. */
export function Logo({ size = 28 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false" style={{ flexShrink: 0 }}>
      <rect width="32" height="32" rx="7" fill="#0f5f78" />
      <path d="M9 6v20M23 6v20" stroke="#fff" strokeWidth="2.6" strokeLinecap="round" />
      <path d="M12.5 6.5h7V16h-7z" fill="#fff" />
      <path
        d="M4 22c2-1.8 3.6-1.8 5.6 0s3.6 1.8 5.6 0 3.6-1.8 5.6 0 3.6 1.8 5.6 0"
        fill="none"
        stroke="#7fd0e6"
        strokeWidth="2.4"
        strokeLinecap="round"
      />
    </svg>
  );
}
