/** Why a counter gets nothing from the server, where that is not a manager's word. */
import { PROTOCOL } from './sync.ts'

/** Its disk has a twin; its epoch is over; the server does not know it; its key is another's; it is too old for the server, or the server for it. */
export const WITHHELD = {
  forked: 'forked',
  epochClosed: 'epochClosed',
  unknownTerminal: 'unknownTerminal',
  badSignature: 'badSignature',
  outdatedCounter: 'outdatedCounter',
  outdatedServer: 'outdatedServer',
} as const

/** Whether that is nobody's doubt in the counter itself: server and counter do not understand each other. */
export const isOutdated = (reason: string): boolean =>
  reason === WITHHELD.outdatedCounter || reason === WITHHELD.outdatedServer

/** Whether the server takes nothing from it either: it does not know this counter, or its key is another's. */
export const isStranger = (reason: string | null): boolean =>
  reason === WITHHELD.unknownTerminal || reason === WITHHELD.badSignature

/** Whether what a counter holds for others still goes home (R4), though nothing may be given to it. */
export const mayHandBack = (reason: string | null): boolean => reason === null || isOutdated(reason)

/** Whether it is said of the counter's epoch, and ends with it: what it kept may be in others' hands by now (R11). */
export const isOver = (reason: string | null): boolean => reason === WITHHELD.forked || reason === WITHHELD.epochClosed

/** What a counter makes of UPDATE_FIRST. */
export const outdatedBy = (serverProtocol: number): string =>
  serverProtocol < PROTOCOL ? WITHHELD.outdatedServer : WITHHELD.outdatedCounter
