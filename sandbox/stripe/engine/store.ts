/** All objects, in memory, by id and in the order they came. */
import { resourceMissing } from './errors';
import type { AnyWireObject, WireObjects, WireType } from './wire';

/** What is left of a deleted object. */
export interface Tombstone {
  readonly id: string;
  readonly object: string;
  readonly deleted: true;
}

/** All objects as they are kept between two runs, in the order they came. */
export interface StoreState {
  readonly objects: readonly AnyWireObject[];
  readonly tombstones: readonly Tombstone[];
  readonly links: readonly (readonly [string, readonly string[]])[];
}

export class WireStore {
  private readonly byId = new Map<string, AnyWireObject>();
  private readonly byType = new Map<WireType, Map<string, AnyWireObject>>();
  private readonly links = new Map<string, string[]>();
  private readonly tombstones = new Map<string, Tombstone>();

  add(object: AnyWireObject): void {
    this.byId.set(object.id, object);
    const ofType = this.byType.get(object.object) ?? new Map<string, AnyWireObject>();
    ofType.set(object.id, object);
    this.byType.set(object.object, ofType);
  }

  /** Takes an object away; what remains is Stripe's `{id, object, deleted: true}`. */
  remove(object: AnyWireObject): Tombstone {
    const stub = { id: object.id, object: object.object, deleted: true } as const;
    this.byId.delete(object.id);
    this.byType.get(object.object)?.delete(object.id);
    this.tombstones.set(object.id, stub);
    return stub;
  }

  /** No list shows it any more, nor can it be asked for; what refers to it still knows it. For as long as the process runs. */
  hide(object: AnyWireObject): void {
    this.byType.get(object.object)?.delete(object.id);
  }

  tombstone(id: string): Tombstone | undefined {
    return this.tombstones.get(id);
  }

  any(id: string): AnyWireObject | undefined {
    return this.byId.get(id);
  }

  find<K extends WireType>(type: K, id: string | null | undefined): WireObjects[K] | undefined {
    if (id === null || id === undefined) return undefined;
    // The map of a type holds objects of that type only: `add` files them by their own `object`.
    return (this.byType.get(type) as Map<string, WireObjects[K]> | undefined)?.get(id);
  }

  /** @param param where the id stood in the request. @throws resource_missing */
  require<K extends WireType>(type: K, id: string, param?: string): WireObjects[K] {
    const found = this.find(type, id);
    if (found === undefined) throw resourceMissing(type, id, param);
    return found;
  }

  /** Oldest first. */
  all<K extends WireType>(type: K): WireObjects[K][] {
    return [...((this.byType.get(type) as Map<string, WireObjects[K]> | undefined)?.values() ?? [])];
  }

  /** Oldest first, by a name that may be no type at all. */
  allNamed(objectType: string): AnyWireObject[] {
    return [...this.byId.values()].filter((object) => object.object === objectType);
  }

  /** Remembers that `child` belongs to `parent`, so that it is found without a scan. */
  link(childType: WireType, parent: string, child: string): void {
    const key = `${childType}:${parent}`;
    const children = this.links.get(key);
    if (children === undefined) this.links.set(key, [child]);
    else children.push(child);
  }

  /** The linked objects of a parent, oldest first. */
  linked<K extends WireType>(type: K, parent: string): WireObjects[K][] {
    return (this.links.get(`${type}:${parent}`) ?? [])
      .map((id) => this.find(type, id))
      .filter((object) => object !== undefined);
  }

  save(): StoreState {
    return { objects: [...this.byId.values()], tombstones: [...this.tombstones.values()], links: [...this.links] };
  }

  /** Fills an empty store; the objects are its own from then on. */
  restore({ objects, tombstones, links }: StoreState): void {
    for (const object of objects) this.add(object);
    for (const stub of tombstones) this.tombstones.set(stub.id, stub);
    for (const [key, children] of links) this.links.set(key, [...children]);
  }
}
