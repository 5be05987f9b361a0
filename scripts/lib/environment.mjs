// What npm sets for the script that it runs would be taken by pnpm, and by npm itself, for settings of theirs.
const ofNpm = /^npm_(lifecycle_|package_|command$|execpath$|node_execpath$|config_(user_agent|local_prefix|noproxy)$)/

/** The environment for the programs that scripts start: this one's, without the traces of npm, plus `more`. */
export function environment(more = {}) {
  const kept = Object.entries(process.env).filter(([name]) => !ofNpm.test(name))
  return { ...Object.fromEntries(kept), TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1', ...more }
}
