/** One piece of what is bought by number, in the unit that the stores give it back in: thousandths of a percent. */
export const WHOLE_PIECE = 100_000;
