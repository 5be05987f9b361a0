import { createServer, Server, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** An Express app of any version, or a plain listener. */
export type App = (req: IncomingMessage, res: ServerResponse) => unknown

/** An app that listens on a port of its own. */
export interface Listening {
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  readonly url: string
  readonly port: number
  readonly server: Server
  /** Ends all connections and stops listening. */
  close(): Promise<void>
}

/** Serves an app, or a server made by the test, on an ephemeral port of the loopback interface. */
export async function listen(app: App | Server): Promise<Listening> {
  const server = app instanceof Server ? app : createServer(app as never)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      server.off('error', reject)
      resolve()
    })
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    server,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
