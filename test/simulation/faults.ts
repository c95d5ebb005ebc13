export type Fault = {
  name: string
  within: number
  plant(world: import('./world.ts').World): Promise<void>
  after?(world: import('./world.ts').World, step: number): Promise<void>
}
