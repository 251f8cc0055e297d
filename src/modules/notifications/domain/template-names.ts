import Handlebars from 'handlebars';

/** Handlebars could do it, and templates may not. */
export class NotAllowedError extends Error {
  constructor(text: string) {
    super(`Not allowed in a template: ${text}`);
    this.name = 'NotAllowedError';
  }
}

const BLOCKS: ReadonlySet<string> = new Set(['if', 'unless']);

/**
 * Every name in a text. Only plain variables and if/unless are let through: nothing that could run or reach further.
 * @throws NotAllowedError, or Handlebars' own for what it cannot read.
 */
export function namesIn(text: string): string[] {
  return namesOf(Handlebars.parse(text).body, text);
}

function namesOf(statements: readonly hbs.AST.Statement[], text: string): string[] {
  return statements.flatMap((statement) => {
    switch (statement.type) {
      case 'ContentStatement':
        return [];
      case 'MustacheStatement': {
        const { path, params, escaped } = statement as hbs.AST.MustacheStatement;
        if (params.length > 0 || !escaped) throw new NotAllowedError(text);
        return [nameOf(path, text)];
      }
      case 'BlockStatement': {
        const { path, params, program, inverse } = statement as hbs.AST.BlockStatement;
        const [condition] = params;
        if (!BLOCKS.has(nameOf(path, text)) || params.length !== 1 || !condition) {
          throw new NotAllowedError(text);
        }
        // There is no inverse without an {{else}}, whatever the types say.
        const bodies = [program, inverse as hbs.AST.Program | undefined].flatMap((each) => each?.body ?? []);
        return [nameOf(condition, text), ...namesOf(bodies, text)];
      }
      default:
        throw new NotAllowedError(text);
    }
  });
}

function nameOf(expression: hbs.AST.Expression, text: string): string {
  if (expression.type === 'PathExpression') {
    const { parts, depth, data } = expression as hbs.AST.PathExpression;
    const [name] = parts;
    if (parts.length === 1 && depth === 0 && !data && name !== undefined) return name;
  }
  throw new NotAllowedError(text);
}
