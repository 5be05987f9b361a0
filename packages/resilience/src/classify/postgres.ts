import {
  conflict,
  harmless,
  permanent,
  property,
  transient,
  unreached,
  type Classifier,
  type Judgement,
} from './judgement.js'

/**
 * Single states that differ from their class (PostgreSQL, appendix A). A transaction that ends with one of class 40 has
 * been rolled back: doing it again does it once.
 */
const states: Readonly<Record<string, Judgement>> = {
  '40001': conflict, // serialization_failure
  '40P01': conflict, // deadlock_detected
  '55P03': conflict, // lock_not_available
  '08001': unreached, // sqlclient_unable_to_establish_sqlconnection
  '08004': unreached, // sqlserver_rejected_establishment_of_sqlconnection
  '53300': unreached, // too_many_connections
  '57P03': unreached, // cannot_connect_now
  '57P01': transient, // admin_shutdown
  '57P02': transient, // crash_shutdown
  '57P05': transient, // idle_session_timeout
  '57014': permanent, // query_canceled: a statement's time-out, which the next one would run into as well
  '25P03': permanent, // idle_in_transaction_session_timeout
}
const classes: Readonly<Record<string, Judgement>> = {
  '08': transient, // connection exception
  '53': transient, // insufficient resources
  '57': transient, // operator intervention
  '58': transient, // system error
  F0: permanent, // configuration file error
  XX: permanent, // internal error
}
/** What node-postgres says without a code. */
const messages: readonly (readonly [start: string, judgement: Judgement])[] = [
  ['timeout exceeded when trying to connect', unreached],
  ['Connection terminated due to connection timeout', unreached],
  ['Connection terminated', transient],
  ['Client has encountered a connection error', unreached],
  ['Query read timeout', transient],
]

/** Errors of PostgreSQL by SQLSTATE, and those of node-postgres that have none. */
export const postgresErrors: Classifier = {
  error(error) {
    const code = property(error, 'code')
    if (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && isFromServer(error)) {
      return states[code] ?? classes[code.slice(0, 2)] ?? harmless
    }
    const message = property(error, 'message')
    if (typeof message !== 'string') return undefined
    return messages.find(([start]) => message.startsWith(start))?.[1]
  },
}

/** Codes of Node such as `EPIPE` have five capitals too; only the server's errors have a severity. */
function isFromServer(error: unknown): boolean {
  return typeof property(error, 'severity') === 'string' || /\d/.test(String(property(error, 'code')))
}
