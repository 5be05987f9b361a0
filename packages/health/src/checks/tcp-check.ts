import { connect } from 'node:net'
import type { HealthCheck } from '../check.js'

/** Where to connect to, and how the check is called. */
export interface TcpCheckOptions {
  host: string
  port: number
  /** @defaultValue `tcp-<port>` */
  name?: string
  /** @defaultValue `true` */
  critical?: boolean
}

/** Whether something accepts connections. */
export function tcpCheck({ host, port, name = `tcp-${port}`, critical = true }: TcpCheckOptions): HealthCheck {
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
