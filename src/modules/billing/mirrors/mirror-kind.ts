import type { Fact, Stored } from '../../../shared/facts';
import { foldColumns, type FoldedState } from '../../../shared/fold-object';
import type { MirrorColumns, OwnedObject } from './mirror-rows.repository';
import type { MirroredType } from './mirrored-tables';

type FactOf<Type extends MirroredType> = Extract<Fact, { objectType: Type }>;

/** How one kind of object becomes its mirror row: a function of its facts alone, and of whose it is. */
export class MirrorKind<Type extends MirroredType = MirroredType, State extends FoldedState = FoldedState> {
  constructor(
    readonly type: Type,
    private readonly foldFacts: (facts: readonly Stored<FactOf<Type>>[]) => State | null,
    private readonly columns: (object: OwnedObject, state: State) => MirrorColumns,
  ) {}

  /** @param facts of one object of this kind. Null while they do not make a state. */
  fold(facts: readonly Stored[]): State | null {
    return this.foldFacts(facts as readonly Stored<FactOf<Type>>[]);
  }

  row(object: OwnedObject, state: State): MirrorColumns {
    return { ...this.columns(object, state), ...foldColumns(state) };
  }

  /** Whether these facts of one object cannot decide its state. */
  isUndecided(facts: readonly Stored[]): boolean {
    return this.fold(facts)?.undecided ?? true;
  }

  /** What the row ought to be. Null while the facts do not make a state. */
  expected(object: OwnedObject & { facts: readonly Stored[] }): MirrorColumns | null {
    const state = this.fold(object.facts);
    return state && this.row(object, state);
  }
}
