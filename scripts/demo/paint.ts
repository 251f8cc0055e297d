import { styleText } from 'node:util';

type Style = 'bold' | 'dim' | 'green' | 'red' | 'yellow';

/** Ways to stress a piece of text; each gives the text back unchanged where colour is unwanted. */
export type Paint = Readonly<Record<Style, (text: string) => string>>;

/** Colour is for people at a terminal who have not refused it (https://no-color.org). */
export function wantsColour(isTty: boolean, env: Readonly<Record<string, string | undefined>>): boolean {
  return isTty && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
}

export function paint(colour: boolean): Paint {
  const style = (name: Style) => (text: string) =>
    // That the stream takes colour is decided above, and the same way on every version of Node.
    colour ? styleText(name, text, { validateStream: false }) : text;
  return { bold: style('bold'), dim: style('dim'), green: style('green'), red: style('red'), yellow: style('yellow') };
}
