/** A machine is a table: for each state, which input leads to which state. What the table does not name is not possible. */
export interface StateMachine<State extends string, Input extends string> {
  readonly initial: readonly State[];
  readonly transitions: Readonly<Record<State, Readonly<Partial<Record<Input, State>>>>>;
}

export type Transition<State extends string> =
  { ok: true; state: State; changed: boolean } | { ok: false; reason: 'not_possible'; state: State };

/** All states, in the order of the table. */
export function statesOf<State extends string>(machine: StateMachine<State, string>): State[] {
  return Object.keys(machine.transitions) as State[];
}

/** Pure: where the input leads. A refusal keeps the state; `changed` tells a step from a loop onto the same state. */
export function transition<State extends string, Input extends string>(
  machine: StateMachine<State, Input>,
  state: State,
  input: Input,
): Transition<State> {
  // Own properties only: an input named like a method of Object must not lead anywhere.
  const row = machine.transitions[state];
  const next = Object.hasOwn(row, input) ? row[input] : undefined;
  if (next === undefined) return { ok: false, reason: 'not_possible', state };
  return { ok: true, state: next, changed: next !== state };
}

/** Every state that some chain of inputs leads to from the given ones, those included. */
export function reachable<State extends string>(
  machine: StateMachine<State, string>,
  from: readonly State[] = machine.initial,
): Set<State> {
  const seen = new Set(from);
  // A Set hands out what is added while it is walked, so this visits every state once.
  for (const state of seen) {
    for (const next of Object.values<State | undefined>(machine.transitions[state])) {
      if (next !== undefined) seen.add(next);
    }
  }
  return seen;
}

/** States of the table that nothing leads to: a mistake in the table. */
export function unreachableStates<State extends string>(machine: StateMachine<State, string>): State[] {
  const found = reachable(machine);
  return statesOf(machine).filter((state) => !found.has(state));
}

/** States that nothing leaves. */
export function terminalStates<State extends string>(machine: StateMachine<State, string>): State[] {
  return statesOf(machine).filter((state) => reachable(machine, [state]).size === 1);
}
