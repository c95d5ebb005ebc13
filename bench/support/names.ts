/**
 * Names as Taiwan has them. Surnames by their share of the population in per mille (Ministry of the Interior, rounded); given names from
 * the characters most often used, the common ones far more often than the rare, so that some full names are borne by hundreds.
 */
import type { Random } from './random.ts'

const SURNAMES: readonly [string, number][] = [
  ['陳', 111],
  ['林', 83],
  ['黃', 60],
  ['張', 53],
  ['李', 51],
  ['王', 41],
  ['吳', 40],
  ['劉', 32],
  ['蔡', 29],
  ['楊', 26],
  ['許', 23],
  ['鄭', 19],
  ['謝', 18],
  ['洪', 15],
  ['郭', 15],
  ['邱', 15],
  ['曾', 14],
  ['廖', 14],
  ['賴', 13],
  ['徐', 13],
  ['周', 12],
  ['葉', 12],
  ['蘇', 12],
  ['莊', 10],
  ['呂', 9],
  ['江', 9],
  ['何', 9],
  ['蕭', 8],
  ['羅', 8],
  ['高', 8],
  ['潘', 7],
  ['簡', 7],
  ['朱', 6],
  ['鍾', 6],
  ['游', 6],
  ['彭', 6],
  ['詹', 6],
  ['胡', 5],
  ['施', 5],
  ['沈', 5],
  ['余', 5],
  ['盧', 4],
  ['梁', 4],
  ['趙', 4],
  ['顏', 4],
  ['柯', 4],
  ['翁', 4],
  ['魏', 3],
  ['孫', 3],
  ['戴', 3],
  ['范', 3],
  ['方', 3],
  ['宋', 3],
  ['鄧', 2],
  ['杜', 2],
  ['傅', 2],
  ['侯', 2],
  ['曹', 2],
  ['薛', 2],
  ['歐陽', 1],
  ['張簡', 1],
]
const FIRST = '家志怡雅俊淑建文美宗冠佳明惠宜彥柏承子宇詩思昱品筱曉靜玉秀麗國正信偉哲育祐庭芷若欣'
const SECOND = '豪君婷宏芬玲傑翰宇雯霖萱廷恩穎安潔瑜琪儒勳瑋娟珍華榮成龍德賢慧如均涵蓉芸妤睿凱平'
const LATIN_FIRST = ['Amy', 'Kevin', 'Jason', 'Emily', 'Michael', 'Grace', 'Andrew', 'Vivian', 'Eric', 'Sophie']
const LATIN_LAST = ['Chen', 'Lin', 'Huang', 'Chang', 'Lee', 'Wang', 'Wu', 'Tsai', 'Nguyen', 'Tanaka', 'Smith', 'García']

const total = SURNAMES.reduce((sum, [, share]) => sum + share, 0)

function surname(draw: Random): string {
  let at = draw.next() * total
  for (const [name, share] of SURNAMES) {
    at -= share
    if (at < 0) return name
  }
  return '陳'
}

/** Squared, so that the first characters of the list come far more often than the last. */
function common(draw: Random, characters: string): string {
  const letters = [...characters]
  return letters[Math.floor(draw.next() ** 2 * letters.length)] ?? ''
}

/** Two in a hundred names are in Latin letters; of the others, four in a hundred have a given name of one character. */
export function memberName(draw: Random): string {
  if (draw.int(100) < 2) return `${draw.pick(LATIN_FIRST)} ${draw.pick(LATIN_LAST)}`
  const given = common(draw, FIRST)
  return surname(draw) + given + (draw.int(100) < 4 ? '' : common(draw, SECOND))
}
