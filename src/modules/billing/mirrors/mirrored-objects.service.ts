import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../platform/database';
import type { ReadAgain, TouchedObject } from '../../../platform/facts';
import type { FoldedState } from '../../../shared/fold-object';
import type { MirrorKind } from './mirror-kind';
import { MirrorRows, type MirroredRow } from './mirror-rows.repository';
import type { MirroredType } from './mirrored-tables';

/** An object as its facts tell it, and the row it has now. */
export interface MirroredObject<State> {
  object: TouchedObject;
  state: State;
  row: MirroredRow;
}

/** Folds objects and writes their mirror rows: what every projection begins with. */
@Injectable()
export class MirroredObjects {
  constructor(private readonly rows: MirrorRows) {}

  /** One statement. Objects whose facts make no state yet are left out. @returns which of them must be asked for, too. */
  async write<Type extends MirroredType, State extends FoldedState>(
    tx: Tx,
    kind: MirrorKind<Type, State>,
    objects: readonly TouchedObject[],
  ): Promise<{ mirrored: MirroredObject<State>[]; readAgain: ReadAgain[] }> {
    const folded = objects.flatMap((object) => {
      const state = kind.fold(object.facts);
      return state ? [{ object, state }] : [];
    });
    const mirrored = await this.rows.write(tx, kind.type, folded, ({ object, state }) => kind.row(object, state));
    const undecided = folded.filter(({ state }) => state.undecided);
    return { mirrored, readAgain: undecided.map(({ object: { key, aggregate } }) => ({ key, aggregate })) };
  }
}
