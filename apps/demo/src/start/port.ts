import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** The port is taken, or may not be had: told in one sentence, not in a stack. */
export class PortError extends Error {
  override readonly name = 'PortError'
}

/** Listens, and resolves with the port. @throws PortError with a sentence that says what to do. */
export function listenOn(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(explain(error, port)))
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port))
  })
}

function explain(error: NodeJS.ErrnoException, port: number): Error {
  if (error.code === 'EADDRINUSE') {
    return new PortError(
      `Port ${port} is in use. Stop what listens there, or choose another: PORT=${port + 1} npm start`,
    )
  }
  if (error.code === 'EACCES') {
    return new PortError(`Port ${port} may not be used by this user. Choose one above 1023: PORT=3000 npm start`)
  }
  return error
}
