/** Tests of chance run briefly with all others, and at length by `npm run reliability`. */
export const FULL = import.meta.env.MODE === 'full'
