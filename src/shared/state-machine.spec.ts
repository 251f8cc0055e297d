import fc from 'fast-check';
import { StateMachine, reachable, statesOf, terminalStates, transition, unreachableStates } from './state-machine';

const door = {
  initial: ['open'],
  transitions: {
    open: { close: 'shut', push: 'open' },
    shut: { open: 'open', lock: 'locked' },
    locked: {},
    painted: { close: 'shut' },
  },
} as const satisfies StateMachine<'open' | 'shut' | 'locked' | 'painted', 'open' | 'close' | 'push' | 'lock'>;
type DoorInput = 'open' | 'close' | 'push' | 'lock';
const machine: StateMachine<keyof typeof door.transitions, DoorInput> = door;

describe('state machine', () => {
  it('steps, loops and refuses as the table says', () => {
    expect(transition(machine, 'open', 'close')).toEqual({ ok: true, state: 'shut', changed: true });
    expect(transition(machine, 'open', 'push')).toEqual({ ok: true, state: 'open', changed: false });
    expect(transition(machine, 'open', 'lock')).toEqual({ ok: false, reason: 'not_possible', state: 'open' });
    expect(transition(machine, 'locked', 'open')).toEqual({ ok: false, reason: 'not_possible', state: 'locked' });
  });

  it('does not mistake inherited names for inputs', () => {
    expect(transition(machine, 'open', 'toString' as DoorInput).ok).toBe(false);
    expect(transition(machine, 'open', 'constructor' as DoorInput).ok).toBe(false);
  });

  it('knows what is reachable, what is not and what is final', () => {
    expect(statesOf(machine)).toEqual(['open', 'shut', 'locked', 'painted']);
    expect([...reachable(machine)].sort()).toEqual(['locked', 'open', 'shut']);
    expect([...reachable(machine, ['locked'])]).toEqual(['locked']);
    expect(unreachableStates(machine)).toEqual(['painted']);
    expect(terminalStates(machine)).toEqual(['locked']);
  });

  it('never leaves the reachable states, whatever the inputs', () => {
    const inputs = fc.array(fc.constantFrom<DoorInput>('open', 'close', 'push', 'lock'));
    fc.assert(
      fc.property(inputs, (chain) => {
        let state: keyof typeof door.transitions = 'open';
        for (const input of chain) state = transition(machine, state, input).state;
        expect(reachable(machine).has(state)).toBe(true);
      }),
    );
  });
});
