/** The demo shop: two cafés of one brand. Its document is also the example a shop's own can be made from. */
import document from '#resources/shops/demo.json' with { type: 'json' }
import { Programme } from '#core/loyalty/programme.ts'
import { ShopDocument } from '#server/shop/document.ts'

export const demoShop = ShopDocument.parse(document)
export const demoProgramme = Programme.parse({ ...demoShop.programme, version: 1 })
