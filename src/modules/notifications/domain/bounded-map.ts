/** Remembers as many as it may and lets go of the oldest: what operators try out must not fill the memory. */
export class BoundedMap<V> {
  private readonly map = new Map<string, V>();

  constructor(private readonly atMost: number) {}

  /** @param make where it is not known; its result must not be undefined. */
  of(key: string, make: () => V): V {
    const known = this.map.get(key);
    if (known !== undefined) return known;
    const made = make();
    const [oldest] = this.map.keys();
    if (this.map.size >= this.atMost && oldest !== undefined) this.map.delete(oldest);
    this.map.set(key, made);
    return made;
  }
}
