import { freePort } from './free-port.js'
import { startRedis, type RedisServer } from './redis-server.js'
import { until } from './until.js'

const slots = 16_384

/** A real cluster of three masters on loopback. */
export class RedisCluster {
  readonly nodes: readonly RedisServer[]

  private constructor(nodes: readonly RedisServer[]) {
    this.nodes = nodes
  }

  /** Starts the nodes, deals out the slots and resolves when every node says that the cluster is ok. */
  static async start(): Promise<RedisCluster> {
    const starts = await Promise.allSettled([startNode(), startNode(), startNode()])
    const nodes = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []))
    const cluster = new RedisCluster(nodes.map((node) => node.server))
    try {
      const failed = starts.find((start) => start.status === 'rejected')
      if (failed !== undefined) throw failed.reason
      await join(nodes)
      return cluster
    } catch (error) {
      await cluster.stop()
      throw error
    }
  }

  /** Host and port of every node, as a client of a cluster takes them. */
  get startupNodes(): { host: string; port: number }[] {
    return this.nodes.map((node) => ({ host: '127.0.0.1', port: node.port }))
  }

  /** The node that holds a key. */
  async nodeOf(key: string): Promise<RedisServer> {
    const slot = Number(await this.nodes[0]?.command('CLUSTER', 'KEYSLOT', key))
    const node = this.nodes[Math.floor((slot * this.nodes.length) / slots)]
    if (node === undefined) throw new Error(`no node holds ${key}`)
    return node
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()))
  }
}

interface Node {
  readonly server: RedisServer
  readonly busPort: number
}

async function startNode(): Promise<Node> {
  // By default the bus has the port plus 10,000, which may be taken or too large.
  const busPort = await freePort()
  const args = ['--cluster-enabled', 'yes', '--cluster-port', String(busPort), '--cluster-node-timeout', '2000']
  return { server: await startRedis({ args }), busPort }
}

async function join(nodes: readonly Node[]): Promise<void> {
  for (const [index, { server }] of nodes.entries()) {
    const first = Math.ceil((index * slots) / nodes.length)
    const last = Math.ceil(((index + 1) * slots) / nodes.length) - 1
    await server.command('CLUSTER', 'ADDSLOTSRANGE', first, last)
    // Nodes that meet with the same epoch quarrel about who is right before they agree.
    await server.command('CLUSTER', 'SET-CONFIG-EPOCH', index + 1)
  }
  for (const { server } of nodes) {
    for (const other of nodes) {
      if (other.server !== server) {
        await server.command('CLUSTER', 'MEET', '127.0.0.1', other.server.port, other.busPort)
      }
    }
  }
  for (const { server } of nodes) {
    const isWhole = async (): Promise<boolean> => {
      const info = String(await server.command('CLUSTER', 'INFO'))
      return info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${nodes.length}`)
    }
    await until(isWhole, { within: 20_000, what: `the cluster as seen from port ${server.port}` })
  }
}

/** Starts a real cluster: see {@link RedisCluster}. */
export function startRedisCluster(): Promise<RedisCluster> {
  return RedisCluster.start()
}
