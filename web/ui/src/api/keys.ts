/** The keys of cached answers, one per resource. */
export const keys = {
  session: ["session"],
  config: ["config"],
  sessions: ["sessions"],
  givenUp: ["given-up"],
  backlog: ["backlog"],
  bridgePresets: ["bridge-presets"],
  system: ["system"],
  history: ["history"],
  revisions: ["revisions"],
  audit: ["audit"],
  users: ["users"],
  logins: ["logins"],
  tokens: ["tokens"],
  mqttUsers: ["mqtt-users"],
  mqttPresets: ["mqtt-presets"],
  serialPorts: ["serial-ports"],
} as const;
