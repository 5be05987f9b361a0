import { run } from '../lib/processes.mjs'
import { lastLines } from '../lib/stage.mjs'

// Debian starts what it installs, and at the next boot too: neither is wanted. A policy that stands already stays.
const script = `
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  trap 'exit 130' INT TERM HUP
  printf '#!/bin/sh\\nexit 101\\n' > "$policy" && chmod 755 "$policy"
fi
export DEBIAN_FRONTEND=noninteractive
options="-qq -o DPkg::Lock::Timeout=120"
if [ "$2" = update ]; then apt-get $options update || exit 1; fi
apt-get $options install -y --no-install-recommends "$1" || exit 1
if [ -d /run/systemd/system ]; then systemctl disable --now "$1" 2>/dev/null; fi
exit 0
`

let updated = false

/** Installs a Debian package. Returns nothing, or why it could not. */
export async function installPackage(name) {
  const apt = await run('apt-get', ['--version'])
  if (!apt.ok) return `there is no apt-get here to install Debian's ${name}`
  const isRoot = process.getuid() === 0
  if (!isRoot && !(await run('sudo', ['-n', 'true'])).ok) {
    return `installing Debian's ${name} needs root or a sudo without a password`
  }
  const [command, ...first] = [...(isRoot ? [] : ['sudo', '-n']), 'sh', '-c', script, 'install', name]
  // apt lets dpkg finish when it is interrupted, which may take a while and must not be cut short.
  const options = { stopSignal: 'SIGINT', grace: 60_000 }
  const { ok, output } = await run(command, [...first, updated ? '' : 'update'], options)
  updated ||= ok
  return ok ? undefined : `apt-get could not install ${name}: ${lastLines(output, 3).replaceAll('\n', ' ')}`
}
