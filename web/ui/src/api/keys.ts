/** The keys of cached answers, one per resource. */
export const keys = {
  session: ["session"],
  config: ["config"],
  sessions: ["sessions"],
  givenUp: ["given-up"],
  history: ["history"],
  serialPorts: ["serial-ports"],
} as const;
