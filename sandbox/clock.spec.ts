import { MovableClock } from './clock';

describe('MovableClock', () => {
  it('follows the wall clock, keeps its distance once moved, and never goes back', () => {
    let wall = 1_800_000_000_500;
    const clock = new MovableClock(undefined, () => wall);
    expect(clock.now()).toBe(1_800_000_000);
    clock.moveTo(1_800_003_600);
    expect(clock.now()).toBe(1_800_003_600);
    wall += 10_000;
    expect(clock.now()).toBe(1_800_003_610);
    wall -= 60_000;
    expect(clock.now()).toBe(1_800_003_610);
    expect(() => {
      clock.moveTo(1_800_003_609);
    }).toThrow(RangeError);
  });

  it('stands still when it was given a start', () => {
    let wall = 1_800_000_000_000;
    const clock = new MovableClock(5000, () => wall);
    wall += 60_000;
    expect(clock.now()).toBe(5000);
    clock.moveTo(6000);
    expect(clock.now()).toBe(6000);
  });
});
