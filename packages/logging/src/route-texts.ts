import { inOnePiece } from '@hardening/core'

const MAX_KEPT = 1000
const MAX_STATUSES = 16

interface Route {
  /** The status that the route answered with last: mostly it is the next one too. */
  status: number
  text: string
  readonly statuses: number[]
  readonly texts: string[]
}

/** Texts made of a route and a status, of which those that come again and again are put together once. */
export class RouteTexts {
  readonly #make: (route: string, status: number) => string
  readonly #kept = new Map<string, Route>()

  constructor(make: (route: string, status: number) => string) {
    this.#make = make
  }

  of(name: string, status: number): string {
    const route = this.#kept.get(name) ?? this.#keep(name)
    return route.status === status ? route.text : this.#turn(name, route, status)
  }

  #keep(name: string): Route {
    const route: Route = { status: -1, text: '', statuses: [], texts: [] }
    if (this.#kept.size < MAX_KEPT) this.#kept.set(name, route)
    return route
  }

  #turn(name: string, route: Route, status: number): string {
    const { statuses, texts } = route
    let at = statuses.indexOf(status)
    if (at === -1) {
      at = Math.min(statuses.length, MAX_STATUSES - 1)
      statuses[at] = status
      texts[at] = inOnePiece(this.#make(name, status))
    }
    route.status = status
    return (route.text = texts[at] as string)
  }
}
