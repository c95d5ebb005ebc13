/**
 * The sync API: what a counter and the server say to each other. Every call but `enrol` is signed with the terminal's
 * Ed25519 key (see `request-signature.ts`). Old counters may always push; a pull may be refused with UPDATE_FIRST.
 */
import { eventIterator, oc } from '@orpc/contract'
import { z } from 'zod'
import {
  Amount,
  BusinessDate,
  CardNumber,
  EpochId,
  EventId,
  GrantId,
  LotId,
  MemberId,
  StoreId,
  TerminalId,
} from '#core/ids.ts'
import { Asset } from '#core/ledger/asset.ts'
import { Hash } from '#core/ledger/event.ts'
import { Lot } from '#core/ledger/lot.ts'
import { Refusal } from '#core/ledger/refusal.ts'
import { HomeShare } from '#core/loyalty/programme.ts'
import { Owed, PackedRows, Profile, SyncRow } from './sync-rows.ts'

/** What this program speaks; goes up when an older one could not read the answers. */
export const PROTOCOL = 1
/** What a server answers; pushes it takes from any. */
export type Protocols = { oldest: number; newest: number }
export const PROTOCOLS: Protocols = { oldest: 1, newest: PROTOCOL }

/** The most events one push carries. */
export const PUSH_LIMIT = 2_000
/** The most rows one page of a pull carries. */
export const PAGE_LIMIT = 1000

/** The most members one asking for home share names. */
export const SHARE_LIMIT = 200

/** An event as it has arrived: its place in its chain, and its text, whatever that is. */
export type WireEvent = { seq: number; hash: Hash; text: string }

/** Beside the events, never in them. */
export const Personal = z.object({ member: MemberId, salt: z.string().max(64), profile: Profile })
export type Personal = z.infer<typeof Personal>

/** A member as a counter knows them, for a server that has been put back and does not (R12). */
export const KnownMember = Profile.extend({ id: MemberId, card: CardNumber, joinedOn: BusinessDate })
export type KnownMember = z.infer<typeof KnownMember>

/** A place in the server's order of commits, with that commit's random tag: an unknown tag proves a restore (R12). */
export const Cursor = z.object({ seq: z.number().int().min(0), tag: z.string().max(32) })
export type Cursor = z.infer<typeof Cursor>
export const CURSOR_START: Cursor = { seq: 0, tag: '' }

export const Granted = z.object({
  grant: GrantId,
  member: MemberId,
  parts: z.array(z.object({ lot: Lot, amount: z.number().int().positive() })),
})
export type Granted = z.infer<typeof Granted>

/** R2: all that one checkout needs of one member. */
export const Want = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('amount'), asset: Asset, amount: z.number().int().positive() }),
  /** A whole lot: a coupon, or all that is left of a top-up. */
  z.object({ kind: z.literal('lot'), lot: LotId, amount: z.number().int().positive() }),
])
export type Want = z.infer<typeof Want>

const holder = { terminal: TerminalId, epoch: EpochId }

/** The head of the epoch's chain as the server has it. */
export const Ack = z.object({ epoch: EpochId, seq: z.number().int().min(0), hash: Hash.nullable() })

/** The last event that a counter has written in an epoch. */
export const ChainEnd = z.object({ epoch: EpochId, seq: z.number().int().positive(), hash: Hash })
export type ChainEnd = z.infer<typeof ChainEnd>

/** By the code on its receipt, or by the event's own id. */
export const TransactionWanted = z.union([z.object({ receipt: z.string().max(40) }), z.object({ event: EventId })])
export type TransactionWanted = z.infer<typeof TransactionWanted>

const base = oc.errors({
  /** The signature, the terminal or the clock does not hold. */
  UNAUTHORISED: {
    status: 401,
    data: z.object({ reason: z.enum(['unknownTerminal', 'badSignature', 'clock']), serverTime: z.number().int() }),
  },
  /** A manager has frozen this terminal, or one of `WITHHELD` (see `withheld.ts`); it can still push. */
  FROZEN: { status: 403, data: z.object({ reason: z.string() }) },
  /** One of the two is too old for the other; `protocol` is the server's. The counter can still push. */
  UPDATE_FIRST: { status: 426, data: z.object({ protocol: z.number().int() }) },
})

export const syncContract = {
  /** Joins a terminal to a store with a one-time code. The public key is raw Ed25519, base64url. */
  enrol: oc
    /** `otherStore`: a good code, of another store than the one this counter has been of. */
    .errors({
      BAD_CODE: { status: 422, data: z.object({ reason: z.enum(['unknown', 'used', 'expired', 'otherStore']) }) },
    })
    .input(
      z.object({
        code: z.string().max(40),
        name: z.string().max(40),
        publicKey: z.string().max(64),
        epoch: EpochId,
        /** Who it was and of which store, of a counter that a restored server has forgotten (R12). */
        terminal: TerminalId.optional(),
        store: StoreId.optional(),
      }),
    )
    .output(z.object({ terminal: TerminalId, store: StoreId, serverTime: z.number().int() })),
  push: base
    .errors({
      /** A gap: send again from `expected`. */
      GAP: { status: 409, data: z.object({ expected: z.number().int().positive() }) },
      /** Another event stands under this seq already: this disk was cloned or restored. */
      FORKED: { status: 409, data: z.object({ seq: z.number().int().positive() }) },
    })
    /** A head and texts: see `push.ts`. */
    .input(z.instanceof(Uint8Array))
    .output(z.object({ stored: z.number().int().min(0), serverTime: z.number().int() })),
  pull: base
    /** Not a cursor of this database, or of before it was restored: push everything, then take a snapshot (R12). */
    .errors({ CURSOR_UNKNOWN: { status: 410 } })
    .input(
      z.object({
        protocol: z.number().int(),
        ...holder,
        cursor: Cursor,
        /** This counter's last own seq: how far a restored server must have come to have heard it (R12). */
        head: z.number().int().min(0).nullable().default(null),
        /** The ends of earlier epochs of this disk that no state it has pulled contained yet (R11, R12). */
        earlier: z.array(ChainEnd).default([]),
        /** What it should be told of what members owe; an older counter does not ask. */
        owed: z.enum(['all', 'changed']).nullable().default(null),
      }),
    )
    .output(
      z.object({
        /** What is neither a member nor a lot. */
        rows: z.array(SyncRow),
        packed: z.array(PackedRows),
        cursor: Cursor,
        more: z.boolean(),
        /** The last own event this state contains; on the last page only, when the state is whole. */
        ack: Ack.nullable(),
        /** Of the earlier epochs named, those of which all is here with this state; with `ack`. */
        earlier: z.array(EpochId).default([]),
        grants: z.array(Granted),
        /** As asked; null from an older server. */
        owed: Owed.nullable().default(null),
        serverTime: z.number().int(),
      }),
    ),
  acquire: base
    .errors({ SHORT: { status: 409, data: Refusal } })
    .input(
      z.object({
        protocol: z.number().int(),
        ...holder,
        /** The state that this counter goes by, so that a restored server finds out before it grants; older ones do not say (R12). */
        cursor: Cursor.optional(),
        grant: GrantId,
        member: MemberId,
        wants: z.array(Want).min(1).max(40),
        /** Of what was `pending`, what this counter has taken in all the same: the events that say so have been put aside. */
        taken: z.array(GrantId).default([]),
      }),
    )
    /** `pending`: what has been granted before and not been accepted yet; it counts towards the wants. */
    .output(
      z.object({
        granted: Granted.nullable(),
        pending: z.array(Granted),
        rows: z.array(SyncRow),
        /** The last own event that the rows contain. */
        ack: z.number().int().min(0).default(0),
      }),
    ),
  /**
   * A transaction that any counter has made, as its sealed event: what this one needs to refund it (R5), or to say of a
   * command that it is done (R11). `text` is null where the server has none, or does not know whether it was undone; `reversed`,
   * whether one has come that undoes it.
   */
  transaction: base.input(z.object({ protocol: z.number().int(), ...holder, wanted: TransactionWanted })).output(
    z.object({
      text: z.string().nullable(),
      reversed: z.boolean(),
      /** False: it has no event of this id, of whatever kind. Null: it cannot say yet. An older server finds what can be undone. */
      known: z.boolean().nullable().default(false),
    }),
  ),
  /** R8: asks for a part of what these recent visitors have; what is granted comes with the next pull. */
  share: base
    .input(
      z.object({
        protocol: z.number().int(),
        ...holder,
        members: z.array(MemberId).min(1).max(SHARE_LIMIT),
        /** Whose policies hold for them at this counter now; all of them, unless it says. */
        assets: z.array(HomeShare.shape.asset).optional(),
      }),
    )
    /** `restoring`: it gives nobody anything yet (R12). */
    .output(z.object({ members: Amount, restoring: z.boolean().default(false) })),
  /** Says "up to N" when there is something to pull. The timed pull is enough without it. */
  stream: base.input(z.object(holder)).output(eventIterator(z.object({ upTo: z.number().int() }))),
}

export const SYNC_PREFIX = '/sync/rpc'
