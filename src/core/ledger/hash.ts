/** SHA-256 of a text's UTF-8 bytes, in hex. Pure JavaScript, so that every part of the product agrees on it. */
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'

export const sha256Hex = (text: string): string => bytesToHex(sha256(utf8ToBytes(text)))
