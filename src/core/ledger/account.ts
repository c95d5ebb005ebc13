/**
 * Accounts and who owns them (R1, R3). Only an account's owner may take from it; anyone may give to it.
 * An account is named by a string, so that events, memory and both databases agree to the letter.
 */
import { z } from 'zod'
import type { ClaimId, EpochId, LotId, MemberId, StoreId, TerminalId } from '#core/ids.ts'
import type { Asset, Currency } from './asset.ts'

const LONGEST = 160
const LOT = 'lot:'
/** A lot's account is its free part or names who holds it: terminal and epoch, each as they are minted. */
const PATTERN =
  /^(lot:[A-Za-z0-9.-]+(@[0-9A-HJKMNP-TV-Z]{6}\.[0-9A-HJKMNP-TV-Z]{6})?|(claim|redeemed|expired|revoked|debt|issued|risk|drawer|outside):[A-Za-z0-9:@.-]+)$/

export const Account = z.string().max(LONGEST).regex(PATTERN).brand<'Account'>()
export type Account = z.infer<typeof Account>

/** A counter's identity for the ledger: a disk's life is an epoch, and what it holds belongs to both. */
export type Holder = { readonly terminal: TerminalId; readonly epoch: EpochId }

type HolderName = { readonly terminal: string; readonly epoch: string }
export const isSameHolder = (a: HolderName, b: HolderName): boolean => a.terminal === b.terminal && a.epoch === b.epoch

/** Of parts that were parsed themselves, and so not parsed again: a busy server names tens of thousands of accounts a second. */
const isMade = (text: string): text is Account => text.length <= LONGEST

function account(text: string): Account {
  if (!isMade(text)) throw new Error(`not an account: ${text}`)
  return text
}

export const freeOf = (lot: LotId): Account => account(`lot:${lot}`)
export const heldBy = (lot: LotId, holder: Holder): Account => account(`lot:${lot}@${holder.terminal}.${holder.epoch}`)
export const claimAccount = (claim: ClaimId): Account => account(`claim:${claim}`)
export const redeemed = (asset: Asset): Account => account(`redeemed:${asset}`)
export const expired = (asset: Asset): Account => account(`expired:${asset}`)
export const revoked = (asset: Asset): Account => account(`revoked:${asset}`)
export const issued = (asset: Asset): Account => account(`issued:${asset}`)
export const debtOf = (member: MemberId, asset: Asset): Account => account(`debt:${member}:${asset}`)
export const riskOf = (store: StoreId, asset: Asset): Account => account(`risk:${store}:${asset}`)
export const drawerOf = (terminal: TerminalId): Account => account(`drawer:${terminal}`)
export const outsideCash = (currency: Currency): Account => account(`outside:cash:${currency}`)

export type Writer = 'server' | Holder

export type AccountParts =
  | { kind: 'free'; lot: string }
  | { kind: 'held'; lot: string; terminal: string; epoch: string }
  | { kind: 'claim'; claim: string }
  | { kind: 'drawer'; terminal: string }
  | { kind: 'debt'; member: string }
  | { kind: 'sink' | 'issued' | 'risk' | 'outside' }

/** Splits an account's name into what it stands for. */
export function parseAccount(name: Account): AccountParts {
  if (name.startsWith(LOT)) {
    const at = name.indexOf('@')
    if (at < 0) return { kind: 'free', lot: name.slice(LOT.length) }
    const dot = name.indexOf('.', at)
    const lot = name.slice(LOT.length, at)
    return { kind: 'held', lot, terminal: name.slice(at + 1, dot), epoch: name.slice(dot + 1) }
  }
  const colon = name.indexOf(':')
  const prefix = name.slice(0, colon)
  if (prefix === 'claim') return { kind: 'claim', claim: name.slice(colon + 1) }
  if (prefix === 'drawer') return { kind: 'drawer', terminal: name.slice(colon + 1) }
  if (prefix === 'debt') return { kind: 'debt', member: name.slice(colon + 1, name.indexOf(':', colon + 1)) }
  if (prefix === 'issued' || prefix === 'risk' || prefix === 'outside') return { kind: prefix }
  return { kind: 'sink' }
}

/** The lot whose free part or escrow an account is, or null when it is no lot's. */
export function lotOf(name: Account): string | null {
  if (!name.startsWith(LOT)) return null
  const at = name.indexOf('@')
  return name.slice(LOT.length, at < 0 ? undefined : at)
}

const startingWith =
  (prefix: string) =>
  (name: Account): boolean =>
    name.startsWith(prefix)

/** Of a lot, free or held. */
export const isLot = startingWith(LOT)
export const isClaim = startingWith('claim:')
export const isRedeemed = startingWith('redeemed:')
export const isExpiry = startingWith('expired:')
export const isRevoked = startingWith('revoked:')
export const isIssued = startingWith('issued:')
export const isRisk = startingWith('risk:')
export const isDebt = startingWith('debt:')

/** Whether an account is the free part of a lot. */
export const isFree = (name: Account): boolean => name.startsWith(LOT) && !name.includes('@')

/** Bounded accounts never go below zero; the databases hold the same rule as a CHECK. */
export const isBounded = (name: Account): boolean => isLot(name) || isClaim(name)

/** Whether this account is in this counter's own keeping: its escrow of this epoch, or its drawer. */
export function ownedBy(name: Account, { terminal, epoch }: Holder): boolean {
  if (name.startsWith(LOT)) return name.slice(name.indexOf('@')) === `@${terminal}.${epoch}`
  return name === `drawer:${terminal}`
}

/** The same account in this counter's keeping, where it is in the other's; any other account as it is. */
export function inKeepingOf(holder: Holder, name: Account, other: Holder): Account {
  if (!ownedBy(name, other)) return name
  const lot = lotOf(name)
  return lot === null ? drawerOf(holder.terminal) : account(`lot:${lot}@${holder.terminal}.${holder.epoch}`)
}

/**
 * Whether this writer may take from this account. `issued:` and `outside:` are open to all; what a counter holds is its
 * alone; the rest is the server's. (`risk:` is open too, but a counter's use of it needs a floor limit, R9.)
 */
export function mayTake(writer: Writer, from: Account): boolean {
  if (isIssued(from) || from.startsWith('outside:')) return true
  const isCounters = from.startsWith('drawer:') || (from.startsWith(LOT) && from.includes('@'))
  return isCounters ? writer !== 'server' && ownedBy(from, writer) : writer === 'server'
}
