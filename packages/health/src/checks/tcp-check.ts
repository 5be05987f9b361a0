import { connect } from 'node:net'
import { integerOption, stringOption } from '@hardening/core'
import type { HealthCheck } from '../check.js'

/** Where to connect to, and how the check is called. */
export interface TcpCheckOptions {
  /** Name or address. */
  host: string
  /** 1 to 65,535. */
  port: number
  /** Name in reports. @defaultValue `tcp-<port>` */
  name?: string
  /** @defaultValue `true` */
  critical?: boolean
}

/**
 * Whether something accepts connections.
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`
 */
export function tcpCheck(options: TcpCheckOptions): HealthCheck {
  const { host, port, name = `tcp-${port}`, critical = true } = options
  stringOption('tcpCheck', 'host', host)
  integerOption('tcpCheck', 'port', port, { min: 1, max: 65_535 })
  return {
    name,
    critical,
    check: (signal) =>
      new Promise((resolve, reject) => {
        const socket = connect({ host, port, signal })
        socket.once('connect', () => {
          socket.destroy()
          resolve()
        })
        socket.once('error', reject)
      }),
  }
}
